import { expect, test } from 'vitest';
import { float32, float64, sizeOf } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { graphBuilder, referenceEngine } from '@pathwise/ops';
import { rewritings } from './rewritings.ts';

const weights = (...shape: number[]) =>
  float32(
    shape,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(3 * i + 1)),
  );

function network(): Graph {
  const b = graphBuilder();
  const x = b.input('x', [1, 2, 4, 4]);
  const c = b.emit('Conv', [x, b.constant(weights(3, 2, 2, 2)), b.constant(weights(3))], {}, 'c');
  const variance = float32([3], [0.5, 1.5, 2]);
  const statistics = [weights(3), weights(3), weights(3), variance].map((t) => b.constant(t));
  const n = b.emit('BatchNormalization', [c, ...statistics], { epsilon: 0.01 }, 'n');
  const z = b.emit('Max', [n, b.emit('Mul', [n, b.scalar(-0.5)])], {}, 'z');
  const h = b.emit('Flatten', [b.emit('Relu', [z], {}, 'a')], {}, 'h');
  const g = b.emit('Gemm', [h, b.constant(weights(27, 3)), b.constant(weights(3))], {}, 'g');
  return b.build([b.emit('MatMul', [b.emit('Sigmoid', [g], {}, 's'), b.constant(weights(3, 2))], {}, 'y')]);
}

async function run(graph: Graph) {
  const x = float64(
    [2, 2, 4, 4],
    Float64Array.from({ length: 64 }, (_, i) => Math.cos(i)),
  );
  return (await referenceEngine.load(graph)).run({ x }, ['y', 'a']);
}

test('each rule changes the graph and not what it computes', async () => {
  const graph = network();
  const expected = await run(graph);
  const found = rewritings(graph);
  expect(found.map(({ name, graph: { nodes } }) => [name, nodes.length - graph.nodes.length])).toEqual([
    ['relu(z) = z + relu(-z)', 2],
    ['sigmoid(z) = (1 + tanh(z/2)) / 2', 3],
    ['max(a, b) = b + relu(a - b)', 2],
    ['W = V + (W - V)', 6],
    ['W x + b = -(-W x - b)', 3],
    ['z = (z + z) / 2', 15],
    ['z transposed twice', 15],
    ['batch normalisation = scale and shift', 1],
  ]);
  for (const { graph: other } of found) {
    const actual = await run(other);
    expect(actual['y']?.data).toBeClose(expected['y']?.data as Float64Array, { rtol: 1e-13, atol: 1e-13 });
    // Inner tensors keep their names and values.
    expect(actual['a']?.data).toBeClose(expected['a']?.data as Float64Array, { rtol: 1e-13, atol: 1e-13 });
  }
});

test('rules without a node are left out', () => {
  const b = graphBuilder();
  expect(rewritings(b.build([b.emit('Exp', [b.input('x', [1, 2])], {}, 'y')]))).toEqual([]);
});

// Its input is what methods explain that start at logits.
test('a final sigmoid stays', () => {
  const b = graphBuilder();
  expect(rewritings(b.build([b.emit('Sigmoid', [b.input('x', [1, 2])], {}, 'y')]))).toEqual([]);
});
