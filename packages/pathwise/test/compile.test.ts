import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { explainer, graphBuilder, preparePlanInput, type Preprocessing, type TargetOfRow } from '../src/index.ts';
import { compilePlan } from '../src/plan/compile-plan.ts';
import { openPlan, readPlanFile, writePlanFile, type EdgePlan, type PlanTarget } from '@pathwise/wasm/edge';
import { ensureCore } from '../../wasm/tools/build.mjs';
import { models, pathwise, temporaryFolder } from './cli.ts';

beforeAll(ensureCore, 120_000);

// The first row of models/penguins/rows.csv and its logits by ONNX Runtime (models/penguins/expected.json).
const ROW = [38.1, 16.5, 198, 3825, 1, 0, 0, 1, 0];
const LOGITS = [5.028, -5.717, -1.097];

const penguins = join(models, 'penguins/model.onnx');

async function compiled(model = penguins, options = {}): Promise<Uint8Array> {
  const explain = await explainer(model, { engine: 'wasm', preprocess: 'raw' });
  try {
    return await compilePlan(explain, options);
  } finally {
    explain.dispose();
  }
}

const dataOf = (a: Awaited<ReturnType<EdgePlan['attribute']>>): number[] =>
  Object.values(a.attributions).flatMap(({ data }) => [...(data as Float32Array)]);

describe('the command', () => {
  test('writes a plan that predicts, with labels and preprocessing', async () => {
    const folder = temporaryFolder();
    const argv = ['compile', penguins, '--labels', join(models, 'penguins/labels.txt'), '--target', '2'];
    const ran = await pathwise([...argv, '--preprocess', 'unit', '--json', '-o', folder.at('a.plan')]);
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const file = readFileSync(folder.at('a.plan'));
    expect(JSON.parse(ran.stdout)).toEqual({ file: folder.at('a.plan'), bytes: file.length });
    const plan = await openPlan(file);
    expect([...plan.predict(ROW)].map((v) => Number(v.toFixed(3)))).toEqual(LOGITS);
    expect(plan.info).toMatchObject({ target: 2, attributed: ['features'], preprocess: { scale: 1 / 255 } });
    expect(plan.info.labels).toHaveLength(3);
    expect((await plan.attribute(ROW)).target).toBe('logits[2]');
    expect(folder.names()).toEqual(['a.plan']);
  });

  test.each([
    ['no -o', [penguins], 2],
    ['a target that is not there', [penguins, '--target', '3', '-o', 'a.plan'], 2],
    ['an output that is not there', [penguins, '--output', 'y', '-o', 'a.plan'], 2],
    ['token ids', [join(models, 'questions/model.onnx'), '-o', 'a.plan'], 3],
  ])('%s is refused', async (_name, args, code) => {
    const folder = temporaryFolder();
    const argv = args.map((arg) => (arg === 'a.plan' ? folder.at(arg) : arg));
    expect((await pathwise(['compile', ...argv])).code).toBe(code);
    expect(folder.names()).toEqual([]);
  });
});

describe('a plan gives what the explainer gives', () => {
  const targets: [PlanTarget, TargetOfRow][] = [
    ['top1', 'top1'],
    [1, 1],
    ['sum', 'sum'],
    [{ contrast: [2, 0] }, { contrast: [2, 0] }],
    [{ weights: [1, 0.5, -2] }, { weights: [1, 0.5, -2] }],
  ];
  // The plan takes the path through the whole network; the explainer starts behind the first affine ops.
  test.each(targets)('target %j', async (target, same) => {
    const plan = await openPlan(await compiled());
    const explain = await explainer(penguins, { engine: 'wasm' });
    for (const [quadrature, steps, baseline] of [
      ['gauss-legendre', 20, 0],
      ['midpoint', 33, 1.5],
      ['trapezoid', 8, 0],
    ] as const) {
      const a = await plan.attribute(ROW, { target, quadrature, steps, baseline });
      const b = await explain([ROW], { target: same, quadrature, steps, baseline });
      expect(a.attributions['features']?.data).toBeClose(b.attributions['features']?.data, { rtol: 1e-5 });
      expect(a.outputAtInput).toBeClose(b.outputAtInput[0], { rtol: 1e-6 });
      expect(a.outputAtBaseline).toBeClose(b.outputAtBaseline?.[0] ?? Number.NaN, { rtol: 1e-6 });
      expect(a.points).toBe(quadrature === 'trapezoid' ? steps + 1 : steps);
    }
    explain.dispose();
  });

  test('an image model, a tile to a slice as all points at once, bit for bit', async () => {
    const model = join(models, 'fashion-mnist/model.onnx');
    const plan = await openPlan(await compiled(model));
    const image = Float32Array.from({ length: 784 }, (_, i) => ((i * 37) % 100) / 100);
    const [a, b] = await Promise.all([
      plan.attribute(image, { steps: 20, pointsPerSlice: 8 }),
      plan.attribute(image, { steps: 20, pointsPerSlice: 1000 }),
    ]);
    expect(b).toEqual(a);
    const explain = await explainer(model, { engine: 'wasm', preprocess: 'raw' });
    const whole = await explain(image, { steps: 20 });
    expect(dataOf(a)).toBeClose(Object.values(whole.attributions)[0]?.data, { scale: 1e-6 });
    explain.dispose();
  });

  // F = x0 * x1 + 3 k: attributions of a product of two inputs from (0, 0) are half of it each; k is 2 and 0 at its baseline.
  test('several inputs by name', async () => {
    const b = graphBuilder();
    const [x, k] = [b.input('x', [1, 2]), b.input('k', [1, 1])];
    const one = (i: number): string => b.emit('Slice', [x, b.ints([i]), b.ints([i + 1]), b.ints([1])], {});
    const y = b.add(b.mul(one(0), one(1)), b.mul(3, k));
    const explain = await explainer(b.build([y]));
    const plan = await openPlan(await compilePlan(explain));
    const result = await plan.attribute({ x: [2, 3], k: [2] }, { steps: 1, target: 0 });
    expect(result.attributions['x']?.data).toBeClose([3, 3]);
    expect(result.attributions['k']?.data).toBeClose([6]);
    expect(result).toMatchObject({ outputAtInput: 12, outputAtBaseline: 0, convergenceDelta: 0, points: 1 });
    await expect(plan.attribute([2, 3])).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    expect(() => plan.predict({ x: [2, 3] })).toThrow(/k/u);
  });
});

describe('an input for a plan', () => {
  test('is what the explainer makes of it: a table, and an image by the recipe that the plan keeps', async () => {
    const rows = join(models, 'penguins/rows.csv');
    const table = await openPlan(await compiled());
    const { feeds, featureNames } = await preparePlanInput(table.info, rows);
    expect(feeds['features']?.shape).toEqual([8, 9]);
    // rows.csv holds the body mass in grams in its fourth column.
    expect(featureNames['features']?.[3]).toMatch(/mass/u);
    expect([...(feeds['features']?.data ?? [])].slice(0, 9)).toBeClose(ROW, { rtol: 1e-7 });
    const file = join(models, 'fashion-mnist/model.onnx');
    const recipe = JSON.parse(readFileSync(join(models, 'fashion-mnist/preprocess.json'), 'utf8')) as Preprocessing;
    const plan = await openPlan(await compiled(file, { preprocess: recipe }));
    const explain = await explainer(file, { engine: 'wasm', preprocess: recipe });
    const bag = join(models, 'fashion-mnist/images/bag.png');
    const here = await preparePlanInput(plan.info, bag);
    expect(here.feeds).toEqual((await explain.prepare(bag)).feeds);
    expect(here.images['image']).toMatchObject({ width: 28, height: 28 });
    const other = await preparePlanInput(plan.info, 'x.png', {
      preprocess: 'raw',
      readFile: async () => readFileSync(bag),
    });
    expect(Math.max(...Array.from(other.feeds['image']?.data ?? [], Number))).toBe(255);
    explain.dispose();
  });

  test('that does not fit is refused', async () => {
    const { info } = await openPlan(await compiled());
    await expect(preparePlanInput(info, [[1, 2]])).rejects.toMatchObject({ code: 'BAD_SHAPE' });
    await expect(preparePlanInput({ ...info, preprocess: { gamma: 2 } }, [ROW])).rejects.toThrow('gamma');
  });
});

describe('a plan refuses', () => {
  test('inputs of another size, values and options that cannot be', async () => {
    const plan = await openPlan(await compiled());
    expect(() => plan.predict([1])).toThrow('[1,9]');
    expect(() => plan.predict(ROW.with(3, Number.NaN))).toThrow('finite');
    for (const options of [{ steps: 0 }, { target: 3 }, { pointsPerSlice: 7 }, { target: { weights: [1] } }]) {
      await expect(plan.attribute(ROW, options)).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    }
    // What failed does not keep others from running.
    expect((await plan.attribute(ROW)).points).toBe(50);
  });

  test('to go on once it is cancelled', async () => {
    const plan = await openPlan(await compiled());
    const abort = new AbortController();
    const running = plan.attribute(ROW, { steps: 5000, pointsPerSlice: 8, signal: abort.signal });
    setTimeout(() => abort.abort(), 1);
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('more memory than it may take', async () => {
    const file = await compiled();
    await expect(openPlan(file, { maxBytes: 4096 })).rejects.toMatchObject({ code: 'BUDGET' });
    const plan = await openPlan(file, { maxBytes: 2 ** 20 });
    await plan.attribute(ROW, { steps: 1000 });
    const before = plan.memoryBytes;
    for (let i = 0; i < 40; i++) await plan.attribute(ROW, { steps: 50 });
    expect(plan.memoryBytes).toBe(before);
    // The core itself takes less than two pages of 64 KiB beside what is limited.
    expect(before).toBeLessThanOrEqual(2 ** 20 + 2 * 2 ** 16);
  });
});

describe('a plan file', () => {
  test('any byte that is altered, and any length that is cut, is noticed', async () => {
    const file = await compiled();
    for (let at = 0; at < file.length; at += at < 400 ? 1 : 97) {
      const changed = file.slice();
      changed[at] = (changed[at] as number) ^ 0x41;
      // Words 5 to 7 of the head are not used.
      if (at < 20 || at >= 32)
        await expect(openPlan(changed), `byte ${at}`).rejects.toMatchObject({ code: 'BAD_FILE' });
    }
    for (const length of [0, 63, 64, 500, file.length - 1]) {
      await expect(openPlan(file.slice(0, length))).rejects.toMatchObject({ code: 'BAD_FILE' });
    }
  });

  test('a description that is not that of the plan is refused', async () => {
    const { info, plan } = await readPlanFile(await compiled());
    const [input] = info.inputs;
    for (const wrong of [
      { ...info, output: { ...info.output, shape: [1, 4] } },
      { ...info, inputs: [{ ...input, shape: [1, 8] }] },
      { ...info, inputs: [] },
      { ...info, attributed: ['other'] },
      { ...info, inputs: [input, input] },
      { ...info, target: 3 },
      { ...info, labels: [1] },
    ]) {
      const file = await writePlanFile(wrong as typeof info, plan);
      await expect(openPlan(file)).rejects.toMatchObject({ code: 'BAD_FILE' });
    }
    const half = await writePlanFile(info, plan.subarray(0, 64 * Math.floor(plan.length / 128)));
    await expect(openPlan(half)).rejects.toMatchObject({ code: 'BAD_FILE' });
  });
});
