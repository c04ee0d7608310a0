import { readFileSync } from 'node:fs';
import { attribute, type AttributionRequest } from '@pathwise/attribution';
import { float64, toFloat64, type DifferentiableModel, type Objective, type Tensor } from '@pathwise/model';
import { graphBuilder, graphModel, referenceEngine } from '@pathwise/ops';
import { describe, expect, test } from 'vitest';
import { sharedData } from '../../model/testing/shared-data.ts';

interface Case {
  readonly name: string;
  readonly inputs: { readonly x?: number[]; readonly A?: number[][][] };
  readonly expected: Record<string, number[] & number[][] & number>;
}
const golden = JSON.parse(readFileSync(new URL('golden/neurons.json', import.meta.url), 'utf8')) as { cases: Case[] };
const caseOf = (name: string): Case => golden.cases.find((c) => c.name.startsWith(name)) as Case;

/** relu or a power of a weighted sum and a bias. */
function neuron(weights: number[], power: number, bias = 0): DifferentiableModel {
  const b = graphBuilder();
  const x = b.input('x', [1, weights.length]);
  const column = float64([weights.length, 1], weights);
  const z = bias === 0 ? b.matmul(x, column) : b.gemm(x, column, float64([1], [bias]));
  return graphModel(
    b.build([power === 1 ? b.relu(z) : b.emit('Pow', [z, b.constant(float64([], [power]))])]),
    referenceEngine,
  );
}

/** x1 - relu(x1 - x2) */
function least(): DifferentiableModel {
  const b = graphBuilder();
  const x = b.input('x', [1, 2]);
  const difference = b.matmul(x, float64([2, 1], [1, -1]));
  return graphModel(b.build([b.sub(b.slice(x, [0], [1], [1]), b.relu(difference))]), referenceEngine);
}

const rules: readonly [key: string, method: string, params: AttributionRequest['params']][] = [
  ['lrp-epsilon (0)', 'lrp-epsilon', { epsilon: 1e-12 }],
  ['lrp-epsilon (0), bias in the denominator', 'lrp-epsilon', { epsilon: 1e-12 }],
  ['deeplift-rescale', 'deeplift-rescale', {}],
  ['deeplift-reveal-cancel', 'deeplift-reveal-cancel', {}],
  ['lrp-alpha-beta (2,1)', 'lrp-alpha-beta', { alpha: 2, stabilizer: 1e-12 }],
  ['lrp-alpha-beta (1,0) = z-plus = deep-taylor', 'lrp-alpha-beta', { alpha: 1, stabilizer: 1e-12 }],
  ['lrp-alpha-beta (1,0) = z-plus = deep-taylor', 'lrp-z-plus', { stabilizer: 1e-12 }],
  ['lrp-alpha-beta (1,0) = z-plus = deep-taylor', 'deep-taylor', { input: 'z-plus' }],
];

describe('one neuron', () => {
  const neurons: [string, DifferentiableModel][] = [
    ['P6', neuron([1, 2, -1], 2)],
    ['P7', neuron([2, -1, 1], 3)],
    ['R2', neuron([2, -1], 1)],
    ['R1', neuron([1, 1], 1, -1)],
    ['min', least()],
  ];
  const runs = neurons.flatMap(([name, model]) =>
    rules.filter(([key]) => caseOf(name).expected[key] !== undefined).map((rule) => [name, ...rule, model] as const),
  );
  test.each(runs)('%s: %s by %s', async (name, key, method, params, model) => {
    const { inputs, expected } = caseOf(name);
    const x = inputs.x ?? [];
    const a = await attribute(model, method, { inputs: { x: float64([1, x.length], x) }, target: 0, params });
    expect(toFloat64(a.attributions['x']?.data ?? [])).toBeClose(expected[key] ?? [], { atol: 1e-9 });
  });
});

test('P9 through a product node: Shapley at the product, rescale at the square', async () => {
  const { inputs, expected } = caseOf('P9');
  const b = graphBuilder();
  const x = b.input('x', [1, 3]);
  const h1 = b.emit('Pow', [b.matmul(x, float64([3, 1], [1, 1, 0])), b.constant(float64([], [2]))]);
  const model = graphModel(b.build([b.mul(h1, b.matmul(x, float64([3, 1], [0, 1, -1])))]), referenceEngine);
  for (const method of ['deepshap', 'integrated-gradients', 'shapley']) {
    const a = await attribute(model, method, {
      inputs: { x: float64([1, 3], inputs.x ?? []) },
      target: 0,
      ...(method === 'integrated-gradients' ? { steps: 8 } : {}),
      ...(method === 'deepshap' ? { baseline: { set: float64([1, 3], [0, 0, 0]) } } : {}),
    });
    expect(toFloat64(a.attributions['x']?.data ?? [])).toBeClose(expected[method] ?? [], { atol: 1e-9 });
  }
});

test('Grad-CAM of y = F1² + 3 F1 F2 over channel means', async () => {
  const { inputs, expected } = caseOf('Grad-CAM');
  const b = graphBuilder();
  const maps = b.add(b.input('x', [1, 2, 2, 2]), 0, 'maps');
  const means = b.reshape(b.emit('GlobalAveragePool', [maps]), [1, 2]);
  const [f1, f2] = [0, 1].map((k) => b.slice(means, [k], [k + 1], [1])) as [string, string];
  const y = b.add(b.mul(f1, f1), b.mul(b.mul(f1, f2), 3));
  const model = graphModel(b.build([y]), referenceEngine);
  const x = float64([1, 2, 2, 2], (inputs.A ?? []).flat(2));
  const a = await attribute(model, 'grad-cam', { inputs: { x }, target: 0, layer: 'maps' });
  expect(a.outputAtInput).toBeClose([expected['y'] ?? NaN], { atol: 1e-12 });
  expect(toFloat64(Object.values(a.attributions)[0]?.data ?? [])).toBeClose(expected['map']?.flat() ?? [], {
    atol: 1e-12,
  });
  // A channel's weight is its mean gradient over the places, and what is shown is what is left after the ReLU.
  const objective: Objective = { tensor: y, rows: [{ kind: 'linear', weights: Float64Array.of(1) }] };
  const { gradients } = await model.gradient({ feeds: { x }, objective, wrt: ['maps'] });
  const slopes = Array.from(toFloat64((gradients['maps'] as Tensor).data));
  const weights = [0, 4].map((first) => slopes.slice(first, first + 4).reduce((sum, v) => sum + v / 4, 0));
  expect(weights).toBeClose(expected['channel_weights'] ?? [], { atol: 1e-12 });
  const maps64 = toFloat64(x.data);
  const sums = [0, 1, 2, 3].map((i) => weights[0]! * maps64[i]! + weights[1]! * maps64[4 + i]!);
  expect(sums).toBeClose(expected['before_relu']?.flat() ?? [], { atol: 1e-12 });
});

// What is expected here of rules, channels and products is what the file of cases has.
const { path, present } = sharedData('methods/coalitions.json');

test.skipIf(!present)('every value of rules in the reference cases of coalitions is one of these', () => {
  const { cases } = JSON.parse(readFileSync(path, 'utf8')) as typeof golden;
  const ofRules = cases.filter(({ expected }) => Object.keys(expected).some((key) => /^(lrp|deep|channel)/.test(key)));
  expect(ofRules.length).toBe(golden.cases.length);
  for (const { name, inputs, expected } of ofRules) expect(caseOf(name)).toMatchObject({ inputs, expected });
  const run = new Set([...rules.map(([key]) => key), 'deepshap', 'channel_weights', 'before_relu', 'map', 'y']);
  const isOther = (key: string): boolean => !/^(lrp|deep|channel|before|map|y$)/.test(key);
  for (const { expected } of ofRules)
    expect(Object.keys(expected).filter((k) => !isOther(k) && !run.has(k))).toEqual([]);
});
