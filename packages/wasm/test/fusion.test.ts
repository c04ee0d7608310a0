import { expect, test } from 'vitest';
import { differentiate, type Graph } from '@pathwise/graph';
import { graphBuilder, ops, type OpBuilder } from '@pathwise/ops';
import { compile } from '../src/index.ts';

/** Steps of a compiled graph: word 9 of the plan. */
const steps = (graph: Graph): number => new Int32Array(compile(graph).bytes.buffer)[9]!;

function convolution(b: OpBuilder): string {
  const weights = { dtype: 'float32', shape: [4, 2, 3, 3], data: new Float32Array(72).fill(0.5) } as const;
  return b.conv(b.input('x', [1, 2, 5, 5]), weights);
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

test('the mask of a ReLU gradient is kept as bits', () => {
  const b = graphBuilder();
  const y = b.relu(convolution(b));
  const { graph, gradients } = differentiate(b.build([y]), { targets: [y], wrt: ['x'], ops });
  // Convolution, bits of its result, the cotangent in the order of pixels, the mask on it, the adjoint convolution.
  expect(steps({ ...graph, outputs: [gradients.get('x')!] })).toBe(5);
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
