import { describe, expect, test } from 'vitest';
import { int64, tensor, toFloat64 } from '@pathwise/model';
import { writeNpy } from '../src/files/npy.ts';
import { perToken } from '../src/cli/outputs.ts';
import { models, pathwise, temporaryFolder } from './cli.ts';

const penguins = `${models}/penguins/model.onnx`;
const rows = `${models}/penguins/rows.csv`;

/** Columns 0-3 measurements, the others two categories, one-hot. */
const GROUPS = [0, 1, 2, 3, 4, 4, 4, 5, 5];
const run = (...more: string[]) =>
  pathwise(['attribute', penguins, '--input', rows, '--method', 'feature-ablation', '--target', '0', ...more]);

describe('--feature-mask', () => {
  test('every column of a group has the value of the group', async () => {
    const folder = temporaryFolder();
    folder.write('mask.npy', writeNpy(int64([1, 9], GROUPS)));
    folder.write('mask.json', new TextEncoder().encode(JSON.stringify(GROUPS)));
    const ran = await run('--feature-mask', folder.at('mask.npy'), '-o', folder.at('a.npy'), '--json');
    expect(ran).toMatchObject({ code: 0, stderr: '' });
    const { data } = folder.npy('a.npy');
    const result = JSON.parse(ran.stdout) as { perPlayer: number[][]; players: { count: number }; evaluations: object };
    expect(result.players.count).toBe(6);
    // Nobody and everyone but one; the outputs at the input are known from the prediction.
    expect(result.evaluations).toEqual({ forward: 8 * (1 + 6), gradient: 0 });
    const expected = result.perPlayer.flatMap((own) => GROUPS.map((group) => own[group] ?? NaN));
    expect(data).toBeClose(expected, { rtol: 1e-6 });
    await run('--feature-mask', folder.at('mask.json'), '-o', folder.at('b.npy'));
    expect(folder.npy('b.npy').data).toEqual(data);
  });

  test('wrong masks', async () => {
    const folder = temporaryFolder();
    folder.write('short.npy', writeNpy(int64([8], GROUPS.slice(1))));
    folder.write('mask.npy', writeNpy(int64([9], GROUPS)));
    const shape = await run('--feature-mask', folder.at('short.npy'), '--json');
    expect(shape).toMatchObject({ code: 4 });
    expect(shape.stderr).toContain('[9], [1,9]');
    const twice = await run('--feature-mask', folder.at('mask.npy'), '--feature-mask', folder.at('mask.npy'), '--json');
    expect(twice).toMatchObject({ code: 2 });
    expect(twice.stderr).toContain('is given twice');
    const gradient = await pathwise([
      'attribute',
      penguins,
      '--input',
      rows,
      '--method',
      'gradient',
      '--feature-mask',
      folder.at('mask.npy'),
      '--json',
    ]);
    expect(gradient).toMatchObject({ code: 2 });
    expect(gradient.stderr).toContain('gradient takes no --feature-mask');
  });
});

test('--per-token counts a token once whose dimensions were switched together', () => {
  const shape = [1, 2, 2];
  const base = { attributions: { e: tensor('float32', shape, [15, 15, 19, 19]) } } as unknown as Parameters<
    typeof perToken
  >[0];
  const players = { count: 2, ids: { e: tensor('int32', [2, 2], [0, 0, 1, 1]) } };
  const sums = (a: typeof base): number[] => {
    const e = perToken(a, new Set(['e'])).attributions['e'];
    return e === undefined ? [] : Array.from(toFloat64(e.data));
  };
  expect(sums({ ...base, players })).toEqual([15, 19]);
  expect(sums(base)).toEqual([30, 38]);
});
