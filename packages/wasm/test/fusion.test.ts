import { expect, test } from 'vitest';
import type { Tensor } from '@pathwise/model';
import { differentiate, type Graph } from '@pathwise/graph';
import { graphBuilder, ops, type OpBuilder } from '@pathwise/ops';
import { compile } from '../src/index.ts';

/** Steps of a compiled graph: word 9 of the plan. */
const steps = (graph: Graph): number => new Int32Array(compile(graph).bytes.buffer)[9]!;

const weights = (shape: readonly number[]): Tensor => ({
  dtype: 'float32',
  shape,
  data: new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(0.5),
});

function convolution(b: OpBuilder): string {
  return b.conv(b.input('x', [1, 2, 5, 5]), weights([4, 2, 3, 3]));
}

test('bounds are applied as a convolution stores its result', () => {
  const b = graphBuilder();
  expect(steps(b.build([b.relu(convolution(b))]))).toBe(1);
  const c = graphBuilder();
  expect(steps(c.build([c.emit('Clip', [convolution(c), c.scalar(0), c.scalar(6)])]))).toBe(1);
});

test('but not where the unbounded result is needed too', () => {
  const b = graphBuilder();
  const y = convolution(b);
  expect(steps(b.build([y, b.relu(y)]))).toBe(2);
  const c = graphBuilder();
  const z = convolution(c);
  expect(steps(c.build([c.add(c.relu(z), z)]))).toBe(3);
});

test('the bits of a ReLU are kept as it is stored', () => {
  const b = graphBuilder();
  const y = b.relu(convolution(b));
  const { graph, gradients } = differentiate(b.build([y]), { targets: [y], wrt: ['x'], ops });
  // Convolution with bits, the mask on the cotangent, the adjoint convolution.
  expect(steps({ ...graph, outputs: [gradients.get('x')!] })).toBe(3);
});

test('a gradient is masked as it is stored, by both bounds of the activation at once', () => {
  const b = graphBuilder();
  const hidden = b.emit('Clip', [convolution(b), b.scalar(0), b.scalar(6)]);
  const y = b.conv(hidden, weights([3, 4, 1, 1]));
  const { graph, gradients } = differentiate(b.build([y]), { targets: [y], wrt: ['x'], ops });
  // Convolution with bits, the masked adjoint of the second one, that of the first. The second is not needed.
  expect(steps({ ...graph, outputs: [gradients.get('x')!] })).toBe(3);
});

test('a sum is made as one of its terms is stored, and cut there', () => {
  const b = graphBuilder();
  const y = convolution(b);
  const sum = b.relu(b.add(b.conv(b.relu(y), weights([4, 4, 1, 1])), y));
  expect(steps(b.build([sum]))).toBe(3);
  // Where the term is read by others too, it must stay as it is.
  const c = graphBuilder();
  const [left, right] = [convolution(c), c.conv('x', weights([4, 2, 3, 3]))];
  expect(steps(c.build([c.add(left, right), left, right]))).toBe(3);
});

test('parts of a concatenation are stored where they belong', () => {
  const b = graphBuilder();
  const [left, right] = [b.relu(convolution(b)), b.conv('x', weights([3, 2, 3, 3]))];
  expect(steps(b.build([b.concat([left, right], 1)]))).toBe(2);
  // A part that was read before keeps its place.
  const c = graphBuilder();
  const part = convolution(c);
  const read = c.exp(part);
  expect(steps(c.build([c.concat([part, c.conv('x', weights([3, 2, 3, 3]))], 1), read]))).toBe(4);
});

test('inputs are laid out as convolutions behind element-wise ops want them', () => {
  const b = graphBuilder();
  const x = b.input('x', [1, 2, 5, 5]);
  expect(steps(b.build([b.conv(b.exp(x), weights([4, 2, 3, 3]))]))).toBe(2);
});

test('weights that several nodes use are kept once', () => {
  const b = graphBuilder();
  const w = b.constant(weights([100, 100]));
  const x = b.input('x', [1, 100]);
  const y = b.matmul(b.relu(b.matmul(b.relu(b.matmul(x, w)), w)), w);
  expect(compile(b.build([y])).bytes.length).toBeLessThan(4 * 10_000 + 2000);
});

test('a pooling and its gradient look for the largest elements once', () => {
  const b = graphBuilder();
  const y = b.maxPool(b.input('x', [1, 2, 4, 4]), [2, 2]);
  const { graph, gradients } = differentiate(b.build([y]), { targets: [y], wrt: ['x'], ops });
  // Pooling, the cotangent in the order of pixels, and the gathering.
  expect(steps({ ...graph, outputs: [y, gradients.get('x')!] })).toBe(3);
});

test('views cost no steps', () => {
  const b = graphBuilder();
  const x = b.input('x', [2, 3, 4]);
  const y = b.transpose(b.slice(x, [1], [3], [2]), [1, 0, 2]);
  expect(steps(b.build([b.emit('Unsqueeze', [b.expand(b.slice(y, [0], [1], [1]), [3, 5, 2]), b.ints([0])])]))).toBe(0);
});
