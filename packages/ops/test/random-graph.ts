import fc from 'fast-check';
import { float32, int64, sizeOf, type Tensor } from '@pathwise/model';
import { graphBuilder, type OpBuilder } from '../src/index.ts';
import type { Graph } from '@pathwise/graph';

/** One step of a recipe: what to do, with which of the tensors so far, and a number that varies it. */
type Step = readonly [kind: number, a: number, b: number, variant: number];

export interface RandomGraph {
  readonly graph: Graph;
  readonly feeds: Record<string, Tensor>;
  /** All tensors that nodes compute. */
  readonly computed: readonly string[];
}

/** Shape of every tensor between the steps, so that any step fits any other. */
const SHAPE = [1, 4, 3, 2];
const SIZE = sizeOf(SHAPE);

/** Small values without coincidences, the same for the same seed. */
function values(count: number, seed: number): number[] {
  return Array.from({ length: count }, (_, i) => Math.sin(1 + i * 12.9898 + seed * 78.233));
}

const constant = (shape: readonly number[], seed: number): Tensor => float32(shape, values(sizeOf(shape), seed));
const positive = (shape: readonly number[], seed: number): Tensor =>
  float32(
    shape,
    values(sizeOf(shape), seed).map((v) => 1.5 + v),
  );

function convolution(b: OpBuilder, x: string, seed: number): string {
  if (seed % 2 === 0)
    return b.conv(x, constant([4, 2, 1, 1], seed), seed % 4 === 0 ? constant([4], seed) : null, { group: 2 });
  return b.emit('ConvTranspose', [x, b.constant(constant([4, 2, 1, 1], seed)), b.constant(constant([4], seed))], {
    group: 2,
  });
}

function normalization(b: OpBuilder, x: string, seed: number): string {
  const [scale, shift, mean] = [0, 1, 2].map((k) => b.constant(constant([4], seed + k)));
  return b.emit('BatchNormalization', [x, scale, shift, mean, b.constant(positive([4], seed))]);
}

/** Each takes two tensors of SHAPE and makes one; several make chances for a pass. */
const STEPS: readonly ((b: OpBuilder, x: string, y: string, variant: number) => string)[] = [
  (b, x, y) => b.add(x, y),
  (b, x, y) => b.mul(x, y),
  (b, x) => b.relu(x),
  (b, x) => b.tanh(x),
  (b, x) => b.emit('Identity', [x]),
  (b, x, _y, variant) => b.mul(x, constant(variant % 2 === 0 ? [] : [4, 1, 1], variant % 3)),
  (b, x) => b.emit('Reshape', [b.emit('Reshape', [x, b.ints([1, SIZE])]), b.ints(SHAPE)]),
  (b, x) => b.emit('Reshape', [x, b.ints(SHAPE)]),
  (b, x, y) => b.slice(b.concat([x, y], 1), [1], [5], [1]),
  (b, x) => b.transpose(b.transpose(x, [0, 2, 3, 1]), [0, 3, 1, 2]),
  (b, x, _y, variant) => normalization(b, convolution(b, x, variant), variant),
  (b, x, y, variant) => {
    const hidden = convolution(b, x, variant);
    return b.add(normalization(b, hidden, variant), variant % 3 === 0 ? hidden : y);
  },
  (b, x, _y, variant) => {
    const flat = b.reshape(x, [1, SIZE]);
    const weight = b.constant(constant([SIZE, SIZE], variant % 2));
    const bias = variant % 2 === 0 ? b.constant(constant([1, SIZE], variant)) : null;
    const dense = b.emit('Gemm', [flat, weight, bias], { transB: variant % 2, beta: 0.5, alpha: 0.3 });
    const parameters = [0, 1, 2].map((k) => b.constant(constant([SIZE], variant + k)));
    const normed = b.emit('BatchNormalization', [dense, ...parameters, b.constant(positive([SIZE], variant))]);
    return b.reshape(normed, SHAPE);
  },
  (b, x) => {
    const [values] = b.apply(
      'TopK',
      [x, b.constant(int64([1], [2]))],
      { axis: 1 },
      { outputs: [b.freshName('v'), b.freshName('i')] },
    );
    return b.concat([values!, values!], 1);
  },
];

/** Graphs of a few steps, with repeated and useless parts. */
export const randomGraph: fc.Arbitrary<RandomGraph> = fc
  .tuple(
    fc.array(fc.tuple(fc.nat(STEPS.length - 1), fc.nat(7), fc.nat(7), fc.nat(5)), { minLength: 1, maxLength: 10 }),
    fc.nat(3),
  )
  .map(([steps, outputs]) => makeGraph(steps, outputs));

function makeGraph(steps: readonly Step[], outputCount: number): RandomGraph {
  const b = graphBuilder();
  const tensors = [b.input('x', SHAPE), b.input('unused', SHAPE)];
  for (const [kind, first, second, variant] of steps) {
    const pick = (i: number): string => tensors[Math.max(0, tensors.length - 1 - i)];
    tensors.push(STEPS[kind](b, pick(first), pick(second), variant));
  }
  const made = tensors.slice(2);
  const graph = b.build([...new Set(made.slice(-1 - outputCount))]);
  return {
    graph,
    feeds: { x: constant(SHAPE, 17), unused: constant(SHAPE, 18) },
    computed: graph.nodes.flatMap((node) => node.outputs),
  };
}
