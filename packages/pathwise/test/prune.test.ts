import { describe, expect, test } from 'vitest';
import { prune, rankings, type PruneRequest, type PruneResult } from '@pathwise/attribution';
import { float32 } from '@pathwise/model';
import { graphBuilder, graphModel, referenceEngine } from '@pathwise/ops';
import { models, pathwise, temporaryFolder } from './cli.ts';

/** F = 3 relu(x0) + 5 relu(x1) + 2 x0: the layer `h` has one unit an input, and x0 also goes around it. */
function twoUnits() {
  const b = graphBuilder();
  const x = b.input('x', [1, 2]);
  const h = b.apply('Relu', [x], {}, { outputs: ['h'] })[0] as string;
  const through = b.matmul(h, float32([2, 1], [3, 5]));
  return graphModel(b.build([b.add(through, b.matmul(x, float32([2, 1], [2, 0])))]), referenceEngine);
}

const base = { inputs: { x: float32([1, 2], [1, 2]) }, layer: 'h', region: [1, 0], target: 0, steps: 4 } as const;

function drops({ curves }: PruneResult, ranking: string): number[] {
  const point = curves.find((curve) => curve.ranking === ranking)!.points[0]!;
  return [point.regionDrop, point.restDrop, point.selectivity];
}

describe('two units, one in the region: IG is (3 + 2, 10)', () => {
  test('the unit behind the region takes what does not go around it, and nothing else', async () => {
    const result = await prune(twoUnits(), { ...base, prune: [{ count: 1 }] });
    for (const ranking of ['region', 'margin']) expect(drops(result, ranking)).toBeClose([60, 0, 60], { atol: 1e-5 });
    // Conductance is (3, 10), gradient x activation likewise, activation (1, 2): the other unit goes.
    for (const ranking of ['conductance', 'gradient-x-activation', 'activation']) {
      expect(drops(result, ranking)).toBeClose([0, 100, -100], { atol: 1e-5 });
    }
    expect(result).toMatchObject({ units: 2, layer: 'h', outputs: [15], engine: 'reference' });
    expect(result.regionShare).toBeClose(1 / 3);
    expect(result.curves[0]!.points[0]!.outputs).toBeClose([12]);
    expect(result.maps.after.attributions['x']!.data).toBeClose([2, 10]);
  });

  test('all units removed leave what goes around them; a unit may become what it is at the baseline', async () => {
    const all = await prune(twoUnits(), { ...base, prune: [{ share: 1 }], rankings: ['region'] });
    expect(drops(all, 'region')).toBeClose([60, 100, -40], { atol: 1e-5 });
    const request: PruneRequest = { ...base, baseline: 0.5, prune: [{ share: 1 }], rankings: ['region'] };
    const kept = await prune(twoUnits(), { ...request, ablate: 'baseline' });
    // Both units stay at 0.5: F(x) = 1.5 + 2.5 + 2.
    expect(kept.curves[0]!.points[0]!.outputs).toBeClose([6]);
    expect(drops(kept, 'region')).toBeClose([60, 100, -40], { atol: 1e-5 });
  });

  test('the class that wins at the input stays the target when its units are gone', async () => {
    const b = graphBuilder();
    const h = b.relu(b.input('x', [1, 2]), 'h');
    const model = graphModel(b.build([b.matmul(h, float32([2, 2], [3, 0, 0, 2]))]), referenceEngine);
    const { curves, target } = await prune(model, {
      ...base,
      inputs: { x: float32([1, 2], [1, 1]) },
      target: 'top1',
      prune: [{ count: 1 }],
      rankings: ['region'],
    });
    expect(curves[0]!.points[0]!.outputs).toEqual([0]);
    expect(target[0]).toContain('[0]');
  });

  test('rows are independent, and random orders come from the seed alone', async () => {
    const inputs = { x: float32([3, 2], [1, 2, 2, 1, 3, 1]) };
    const ask = { ...base, inputs, prune: [{ count: 1 }], rankings: ['random'] as const, randomRuns: 3 };
    const [a, b] = [await prune(twoUnits(), { ...ask, seed: 4 }), await prune(twoUnits(), { ...ask, seed: 4 })];
    expect(a).toEqual(b);
    expect(a.outputs).toBeClose([15, 15, 20]);
    const alone = await prune(twoUnits(), { ...base, prune: [{ count: 1 }], rankings: ['region'] });
    const together = await prune(twoUnits(), { ...base, inputs, prune: [{ count: 1 }], rankings: ['region'] });
    expect(together.maps.after).toEqual(alone.maps.after);
  });

  test.each([
    [{ prune: [{ count: 3 }] }, 'numbers of units from 1 to 2'],
    [{ prune: [{ share: 0 }] }, 'shares above 0'],
    [{ prune: [] }, 'at least one'],
    [{ rankings: [] }, rankings.join(', ')],
    [{ steps: 0 }, 'steps'],
    [{ region: [1, 0, 0] }, '2 weights'],
    [{ layer: 'nowhere' }, 'nowhere'],
  ])('%j', async (change, message) => {
    await expect(prune(twoUnits(), { ...base, ...change } as PruneRequest)).rejects.toThrow(message);
  });

  test('is cancelled', async () => {
    const request = { ...base, signal: AbortSignal.abort() };
    await expect(prune(twoUnits(), request)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe('pathwise prune', () => {
  const model = `${models}/fashion-mnist/model.onnx`;
  const given = [model, '--input', `${models}/fashion-mnist/images.npy`, '--engine', 'wasm'];
  const box = ['--layer', 'conv2', '--param', 'region=0,0,14,28', '--steps', '8'];

  test('writes curves and maps; the found units take the region and not the rest', async () => {
    const folder = temporaryFolder();
    const out = ['curves.json', 'panel.svg', 'panel.png', 'panel.html'].flatMap((name) => ['-o', folder.at(name)]);
    const ran = await pathwise(['prune', ...given, ...box, '--prune', '1%', '--rank', 'region,conductance', ...out]);
    expect(ran).toMatchObject({ code: 0 });
    expect(folder.names()).toEqual(['curves.json', 'panel.html', 'panel.png', 'panel.svg']);
    const { units, curves } = JSON.parse(folder.text('curves.json')) as PruneResult;
    expect(units).toBe(32 * 14 * 14);
    const [region, conductance] = curves.map(({ points }) => points[0]!);
    expect(region!.count).toBe(63);
    expect(region!.regionDrop).toBeGreaterThan(50);
    expect(region!.selectivity).toBeGreaterThan(2 * Math.abs(conductance!.selectivity));
    expect(ran.stdout).toContain('units of conv2 (6272)');
    expect(folder.text('panel.html')).toContain('<svg');
  });

  test.each([
    [['--layer', 'conv2'], 'needs --param region='],
    [['--param', 'region=0,0,1,1'], 'needs --layer'],
    [[...box, '--prune', '0%'], '--prune'],
    [[...box, '--rank', 'luck'], '--rank'],
    [[...box, '--ablate', 'mean'], '--ablate'],
    [[...box, '-o', 'a.npy'], 'a file ending in .json'],
  ])('%j', async (more, message) => {
    const ran = await pathwise(['prune', ...given, ...more]);
    expect(ran.code).toBe(2);
    expect(ran.stderr).toContain(message);
  });
});
