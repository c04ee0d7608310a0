import type { Attrs, Graph } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { poolWindows, type PoolAttrs } from '../families/pooling.ts';
import { rewriteNodes } from '../rewrite-nodes.ts';

/** How far each decision of a node is from falling the other way; null where it decides nothing that is known here. */
type DistanceRule = (b: OpBuilder, inputs: readonly string[], attrs: Attrs) => string | null;

const sign: DistanceRule = (b, [x]) => b.unary('Abs', x!);

const DISTANCES: Readonly<Record<string, DistanceRule>> = {
  Relu: sign,
  LeakyRelu: sign,
  PRelu: sign,
  Clip(b, [x, low, high]) {
    const ends = [low, high].filter((end) => end !== undefined && end !== '');
    const distances = ends.map((end) => b.unary('Abs', b.sub(x!, end!)));
    return distances.length === 0 ? null : distances.reduce((a, c) => b.emit('Min', [a, c]));
  },
  MaxPool: (b, [x], attrs) => gapOfWindows(b, x!, attrs as PoolAttrs),
};

/** Stands for what no window sees. */
const LOWEST = -1e30;

/** Distance of what cannot fall the other way. */
const CERTAIN = 1e30;

/** The largest less the second largest of every window. */
function gapOfWindows(b: OpBuilder, x: string, attrs: PoolAttrs): string | null {
  const { input, output, kernel, strides, dilations, padsBegin } = poolWindows(b.shape(x), attrs);
  const spans = kernel.map((_, i) => (output[i]! - 1) * strides[i]! + 1);
  const after = input.map((size, i) =>
    Math.max(0, spans[i]! + (kernel[i]! - 1) * dilations[i]! - size - padsBegin[i]!),
  );
  const lowest = b.constant({ dtype: b.type(x).dtype, shape: [], data: Float32Array.of(LOWEST) });
  const padded = b.emit('Pad', [x, b.ints([0, 0, ...padsBegin, 0, 0, ...after]), lowest]);
  const axes = kernel.map((_, i) => i + 2);
  let best: string | null = null;
  let second: string | null = null;
  for (const place of placesOf(kernel)) {
    const starts = place.map((k, i) => k * dilations[i]!);
    const ends = starts.map((start, i) => start + spans[i]!);
    const tap = b.slice(padded, starts, ends, axes, strides);
    if (best === null) {
      best = tap;
      continue;
    }
    const lower = b.emit('Min', [best, tap]);
    second = second === null ? lower : b.emit('Max', [second, lower]);
    best = b.emit('Max', [best, tap]);
  }
  // Zeros of the rectifiers before: whoever wins passes nothing on.
  return best === null || second === null ? null : b.where(b.equal(best, 0), CERTAIN, b.sub(best, second));
}

function placesOf(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (places, size) => places.flatMap((place) => Array.from({ length: size }, (_, k) => [...place, k])),
    [[]],
  );
}

/** A graph that also says how certain its decisions are. */
export interface GraphWithMargins {
  readonly graph: Graph;
  /** For each node that decides, the tensor [1, 1] with its margin. */
  readonly margins: ReadonlyMap<string, string>;
}

/**
 * Adds to a graph, for each rectifier, clip and max pooling, how far its closest decision is from falling the other way,
 * relative to the largest absolute value of the tensor it decides on: [1, 1], at least 0. Windows of zeros count as certain.
 * Other ops with kinks have no margin.
 */
export function withDecisionMargins(graph: Graph): GraphWithMargins {
  const margins = new Map<string, string>();
  const withMargins = rewriteNodes(graph, (b, { name, op, inputs, outputs, attrs }) => {
    const distance = DISTANCES[op]?.(b, inputs, attrs) ?? null;
    if (distance === null || outputs.length > 1) return null;
    margins.set(name, overAll(b, 'ReduceMin', b.div(distance, scaleOf(b, inputs[0]!))));
    return null;
  });
  return { graph: { ...withMargins, outputs: [...graph.outputs, ...margins.values()] }, margins };
}

/** The largest absolute value of a tensor, never 0. */
function scaleOf(b: OpBuilder, x: string): string {
  return b.add(overAll(b, 'ReduceMax', b.unary('Abs', x)), 1e-30);
}

function overAll(b: OpBuilder, op: 'ReduceMin' | 'ReduceMax', x: string): string {
  const rank = b.shape(x).length;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return b.reshape(b.emit(op, [x, b.ints(axes)], { keepdims: 0 }), [1, 1]);
}
