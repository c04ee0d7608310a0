import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, test } from 'vitest';
import { attribute, type AttributionRequest } from '@pathwise/attribution';
import { float32, sizeOf, toFloat64, type Attribution, type DifferentiableModel, type Tensor } from '@pathwise/model';
import { readOnnx } from '@pathwise/onnx';
import { graphBuilder, graphModel, type OpBuilder } from '@pathwise/ops';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { wasmEngine } from '../src/index.ts';
import { buildWorkers } from './build-workers.ts';
import { withoutJobs } from './without-jobs.ts';

const root = resolve(import.meta.dirname, '../../..');

beforeAll(buildWorkers, 240_000);

const files = [
  join(root, 'models/penguins/model.onnx'),
  join(root, 'models/fashion-mnist/model.onnx'),
  join(root, '../shared/models/resnet-8-cifar10/model.onnx'),
  join(root, '../shared/goldens/lstm-text/model.onnx'),
];

function inputsOf(model: DifferentiableModel, rows: number, seed: number): Record<string, Tensor> {
  const draw = uniformFrom(seed);
  return Object.fromEntries(
    model.inputs.map(({ name, dtype, shape }) => {
      const own = shape.map((size, axis) => (axis === 0 ? rows : typeof size === 'number' ? size : 6));
      const values = Array.from({ length: sizeOf(own) }, () => draw());
      const isIds = dtype === 'int64';
      const data = isIds ? BigInt64Array.from(values, (v) => BigInt(Math.floor(9 * v))) : Float32Array.from(values);
      return [name, { dtype, shape: own, data }];
    }),
  );
}

/** All numbers of a result that come from gradients. */
const numbers = (result: Attribution): unknown => {
  const { attributions, standardErrors, error, convergenceDelta, evaluations, errorMet } = result;
  const plain = (tensors: Record<string, Tensor> | undefined): unknown =>
    tensors && Object.values(tensors).map(({ data }) => Array.from(toFloat64(data)));
  return [plain(attributions), plain(standardErrors), error, convergenceDelta, evaluations, errorMet];
};

const requests: readonly (readonly [string, Omit<AttributionRequest, 'inputs'>])[] = [
  ['integrated-gradients', { steps: 21, quadrature: 'trapezoid' }],
  ['integrated-gradients', { steps: 3 }],
  ['integrated-gradients', { steps: 17, target: { contrast: [0, 1] }, baseline: 0.25 }],
  ['integrated-gradients', { tolerance: 0.05, maxEvaluations: 65 }],
  ['integrated-gradients', { tolerance: 0.2, maxEvaluations: 33, standardErrors: true }],
  ['gradient', {}],
  ['smoothgrad', { params: { samples: 5 } }],
  ['expected-gradients', { params: { samples: 6 }, baseline: 'uniform:6' }],
];

describe('jobs give the bits that evaluating point by point gives', () => {
  for (const file of files) {
    const name = file.split(/[\\/]/u).at(-2) as string;
    if (!existsSync(file)) console.warn(`skipped: ${name} (no file ${file})`);
    test.skipIf(!existsSync(file))(`${name}, and with 2 and 7 workers`, { timeout: 240_000 }, async () => {
      const source = readOnnx(readFileSync(file), { name });
      const models = [1, 2, 7].map((workers) => graphModel(source, wasmEngine, { workers }));
      const [inThread] = models as [DifferentiableModel];
      const ways = [withoutJobs(inThread), ...models];
      for (const [method, request] of requests) {
        const inputs = inputsOf(inThread, name === 'resnet-8-cifar10' ? 2 : 3, 5);
        const results: unknown[] = [];
        for (const model of ways) {
          results.push(numbers(await attribute(model, method, { target: 0, ...request, inputs })));
        }
        for (const result of results.slice(1)) expect([method, result]).toEqual([method, results[0]]);
      }
      for (const model of models) model.dispose();
    });
  }
});

/** Two inputs of different layouts that meet, one gradient of which takes the pixels' order, and a fixed third. */
function twoInputs(): DifferentiableModel {
  const b = graphBuilder();
  const draw = uniformFrom(3);
  const weights = (shape: number[]): string => constant(b, shape, draw);
  const image = b.input('image', [1, 2, 5, 4]);
  const side = b.input('side', [1, 3]);
  const gate = b.input('gate', [1, 3]);
  const pooled = b.maxPool(b.relu(b.conv(image, weights([4, 2, 3, 3]), weights([4]))), [2, 2]);
  const flat = b.reshape(b.transpose(pooled, [0, 2, 3, 1]), [1, 8]);
  const joined = b.concat([b.tanh(flat), b.mul(b.sigmoid(side), gate)], 1);
  return graphModel(b.build([b.gemm(joined, weights([11, 4]), weights([4]))]), wasmEngine);
}

function constant(b: OpBuilder, shape: number[], draw: () => number): string {
  return b.constant({
    dtype: 'float32',
    shape,
    data: Float32Array.from({ length: sizeOf(shape) }, () => 2 * draw() - 1),
  });
}

// Tiles are 8 points and blocks are 8 points of a path: paths that end inside both, at both, and 1 to 11 paths.
test('any numbers of paths and points, several inputs, targets and baselines', { timeout: 120_000 }, async () => {
  const model = twoInputs();
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 11 }),
      fc.integer({ min: 1, max: 19 }),
      fc.nat(99),
      async (rows, steps, seed) => {
        const inputs = inputsOf(model, rows, seed);
        const perRow = Array.from({ length: rows }, (_, row) => (row + seed) % 4);
        const request: AttributionRequest = {
          inputs,
          steps,
          target: { perRow },
          constants: ['gate'],
          quadrature: 'trapezoid',
        };
        const ours = await attribute(model, 'integrated-gradients', request);
        const points = await attribute(withoutJobs(model), 'integrated-gradients', request);
        expect(numbers(ours)).toEqual(numbers(points));
      },
    ),
    { numRuns: 60, seed: 7 },
  );
});

test('jobs asked for at the same time do not disturb each other', async () => {
  const model = twoInputs();
  const request = (seed: number): AttributionRequest => ({ inputs: inputsOf(model, 3, seed), steps: 20, target: 1 });
  const alone = [];
  for (const seed of [1, 2, 3]) alone.push(numbers(await attribute(model, 'integrated-gradients', request(seed))));
  const together = await Promise.all([1, 2, 3].map((seed) => attribute(model, 'integrated-gradients', request(seed))));
  expect(together.map(numbers).map((result) => (result as unknown[]).slice(0, 4))).toEqual(
    alone.map((result) => (result as unknown[]).slice(0, 4)),
  );
});

// 1 / x from -1 to 1 is infinite at the middle node only, which lies in the second tile of the second row's points.
test.each([1, 2])('a point that is not finite is named as without jobs, %i workers', async (workers) => {
  const b = graphBuilder();
  const x = b.input('x', [1, 2]);
  const model = graphModel(b.build([b.div(b.relu(b.mul(x, 2)), x)]), wasmEngine, { workers });
  const request: AttributionRequest = {
    inputs: { x: float32([2, 2], [4, 4, 1, 4]) },
    baseline: { perInput: { x: float32([2, 2], [1, 1, -1, 1]) } },
    steps: 20,
    target: 0,
    quadrature: 'trapezoid',
  };
  for (const way of [model, withoutJobs(model)]) {
    await expect(attribute(way, 'integrated-gradients', request)).rejects.toMatchObject({
      code: 'NON_FINITE',
      place: { op: 'Div', alpha: 0.5, row: 1 },
    });
  }
  model.dispose();
});

test('a path of a function target, and a target that does not depend on an input, are evaluated point by point', async () => {
  const b = graphBuilder();
  const [x, y] = [b.input('x', [1, 2]), b.input('y', [1, 2])];
  const model = graphModel(b.build([b.mul(x, x), b.mul(y, y)]), wasmEngine);
  const inputs = { x: float32([1, 2], [1, 2]), y: float32([1, 2], [3, 4]) };
  const one = await attribute(model, 'integrated-gradients', { inputs, steps: 4, target: 1 });
  expect(Array.from(toFloat64(one.attributions['y']!.data))).toEqual([0, 0]);
  expect(one.attributions['x']!.data).toBeClose([0, 4], { rtol: 1e-6 });
  const target = (output: Float64Array) => ({ value: output[0]! ** 2, gradient: Float64Array.of(2 * output[0]!, 0) });
  const two = await attribute(model, 'integrated-gradients', { inputs, steps: 4, target });
  expect(two.attributions['x']!.data).toBeClose([1, 0], { rtol: 1e-6 });
});
