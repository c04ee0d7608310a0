import { beforeAll, describe, expect, test } from 'vitest';
import { differentiate, type Graph } from '@pathwise/graph';
import { graphBuilder, ops, type OpBuilder } from '@pathwise/ops';
import { compile } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { ERROR, instantiate, lastError, put } from './instance.ts';
import { bandCase, stacked, type OpCase } from './op-cases.ts';
import { outputsOfTile } from './run-tile.ts';

beforeAll(ensureCore, 120_000);

const BAND = 16;
const ROWS = 8;

/** A plan's steps as op code and words; words 7 and 8 of a plan say where they are and how many words they have. */
function stepsOf(bytes: Uint8Array): { op: number; at: number; words: Int32Array }[] {
  const all = new Int32Array(bytes.buffer);
  const steps = [];
  const [first, count] = [all[7]! / 4, all[8]!];
  for (let at = first; at < first + count; at += 2 + all[at + 1]!)
    steps.push({ op: all[at]!, at: at + 2, words: all.slice(at + 2, at + 2 + all[at + 1]!) });
  return steps;
}

/** Parts of each band of a graph's plan. */
const bandsOf = (graph: Graph): number[] =>
  stepsOf(compile(graph).bytes)
    .filter(({ op }) => op === BAND)
    .map(({ words }) => words[0]!);

const draw = uniformFrom(8);
const value = (): number => Math.fround(2 * draw() - 1);

function weights(b: OpBuilder, shape: readonly number[]): string {
  return b.constant({ ...stacked([1, ...shape], 1, value), shape });
}

interface Window {
  readonly kernel?: readonly number[];
  readonly strides?: readonly number[];
  readonly dilations?: readonly number[];
  readonly pads?: readonly number[];
}

interface Shape extends Window {
  readonly size?: readonly number[];
  readonly channels?: number;
  readonly wide?: number;
  readonly outputs?: number;
  readonly expand?: boolean;
  readonly project?: boolean;
  readonly residual?: boolean;
}

/** An inverted residual block and its gradient: expanded by a product, filtered, projected; without activation at its end. */
function block(shape: Shape): OpCase {
  const { size = [17, 25], channels = 3, wide = 7, outputs = 3, residual = false } = shape;
  const { kernel = [3, 3], strides = [1, 1], dilations = [1, 1], pads = [1, 1, 1, 1] } = shape;
  const { expand = true, project = true } = shape;
  const b = graphBuilder();
  const start = b.input('x', [1, channels, ...size]);
  let x = start;
  if (expand) x = b.relu(b.conv(x, weights(b, [wide, channels, 1, 1]), weights(b, [wide])));
  const inner = expand ? wide : channels;
  const window = { group: inner, kernel_shape: kernel, strides, dilations, pads };
  x = b.relu(b.conv(x, weights(b, [inner, 1, ...kernel]), weights(b, [inner]), window));
  if (project) x = b.conv(x, weights(b, [outputs, inner, 1, 1]));
  const y = b.unary('Sigmoid', residual ? b.add(x, start) : x);
  const { graph, seeds, gradients } = differentiate(b.build([y]), { targets: [y], wrt: [start], ops });
  const feeds = { x: stacked([1, channels, ...size], ROWS, value) };
  const seeded = [...seeds].map(([target, name]) => [name, stacked(graph.types.get(target)!.shape, ROWS, value)]);
  const wanted = [y, gradients.get(start)!];
  return { graph: { ...graph, outputs: wanted }, feeds: { ...feeds, ...Object.fromEntries(seeded) }, wanted };
}

describe('bands give the bits of single steps', () => {
  const cases: [string, OpCase, number[]][] = [
    ['two blocks, the first with a sum', bandCase(ROWS, 9), [3, 3, 3, 3]],
    ['a block with a sum, whose place is that of its input', block({ residual: true }), [3, 3]],
    ['stride 2', block({ strides: [2, 2] }), [3, 3]],
    ['stride 2 of an even size', block({ size: [20, 26], strides: [2, 2] }), [3, 3]],
    ['stride 3, by which rows are left out', block({ size: [40, 39], strides: [3, 3], pads: [0, 0, 0, 0] }), [3, 3]],
    [
      'stride 3 of a kernel of 1',
      block({ size: [40, 26], kernel: [1, 1], strides: [3, 1], pads: [0, 0, 0, 0] }),
      [3, 3],
    ],
    ['a kernel of 5', block({ size: [23, 9], kernel: [5, 5], pads: [2, 2, 2, 2] }), [3, 3]],
    [
      'a kernel of 5 with stride 2',
      block({ size: [34, 26], kernel: [5, 5], strides: [2, 2], pads: [2, 2, 2, 2] }),
      [3, 3],
    ],
    ['dilations', block({ size: [24, 13], dilations: [2, 1], pads: [2, 1, 2, 1] }), [3, 3]],
    ['no padding', block({ pads: [0, 0, 0, 0] }), [3, 3]],
    ['padding at the end only', block({ pads: [0, 0, 2, 2] }), [3, 3]],
    ['padding at the beginning only', block({ pads: [2, 2, 0, 0], residual: true }), [3, 3]],
    ['more padding than the kernel reaches', block({ size: [20, 13], pads: [4, 1, 4, 1] }), [3, 3]],
    ['a kernel of 4', block({ kernel: [4, 3], pads: [1, 1, 1, 1] }), [3, 3]],
    ['many columns', block({ size: [9, 70] }), [3, 3]],
    ['one channel more than a block', block({ wide: 9, outputs: 5 }), [3, 3]],
    ['no expansion', block({ expand: false }), [2, 2]],
    ['no expansion, with a sum', block({ expand: false, residual: true }), [2, 2]],
    ['no projection', block({ project: false }), [2, 2]],
  ];
  const each = cases.flatMap(([name, one, bands]) => [false, true].map((wide) => [name, wide, one, bands] as const));
  test.each(each)('%s, wide blocks: %s', (_name, wideBlocks, one, bands) => {
    expect(bandsOf(one.graph)).toEqual(bands);
    for (const rows of [1, 2, 3, 5, 8])
      expect(outputsOfTile(one, rows, { wideBlocks })).toEqual(outputsOfTile(one, rows, { wideBlocks, bands: false }));
  });
});

describe('the tensors between are kept whole', () => {
  const build = (make: (b: OpBuilder, wide: string, deep: string) => string[]): Graph => {
    const b = graphBuilder();
    const wide = b.relu(b.conv(b.input('x', [1, 3, 17, 25]), weights(b, [7, 3, 1, 1])));
    const deep = b.conv(wide, weights(b, [7, 1, 3, 3]), null, { group: 7, pads: [1, 1, 1, 1] });
    return b.build(make(b, wide, deep));
  };
  const project = (b: OpBuilder, deep: string): string => b.conv(deep, weights(b, [7, 7, 1, 1]));

  test('where they are outputs', () => {
    expect(bandsOf(build((b, _wide, deep) => [project(b, deep)]))).toEqual([3]);
    expect(bandsOf(build((b, wide, deep) => [project(b, deep), wide]))).toEqual([2]);
    expect(bandsOf(build((b, _wide, deep) => [project(b, deep), deep]))).toEqual([2]);
    expect(bandsOf(build((b, wide, deep) => [project(b, deep), wide, deep]))).toEqual([]);
  });

  test('where others read them, or the same step does so twice', () => {
    expect(bandsOf(build((b, wide, deep) => [project(b, deep), b.exp(wide)]))).toEqual([2]);
    expect(bandsOf(build((b, _wide, deep) => [b.add(project(b, deep), deep)]))).toEqual([2]);
    expect(bandsOf(build((b, wide, deep) => [b.add(project(b, deep), wide)]))).toEqual([2]);
    expect(bandsOf(build((b, wide, deep) => [project(b, b.add(deep, wide))]))).toEqual([2]);
  });

  test('where they are small', () => {
    expect(bandsOf(block({ size: [7, 7] }).graph)).toEqual([]);
    expect(bandsOf(block({ size: [8, 1], pads: [1, 1, 1, 1] }).graph)).toEqual([]);
  });

  test('where a window moves along an axis only, as there are no rows', () => {
    const b = graphBuilder();
    const wide = b.relu(b.conv(b.input('x', [1, 3, 100]), weights(b, [7, 3, 1])));
    const deep = b.conv(wide, weights(b, [7, 1, 3]), null, { group: 7, pads: [1, 1] });
    expect(bandsOf(b.build([b.conv(deep, weights(b, [7, 7, 1]))]))).toEqual([]);
  });
});

test('an expanded tensor takes the memory of a few of its rows', () => {
  const { graph } = block({ size: [64, 64], channels: 8, wide: 48, outputs: 8 });
  const [whole, banded] = [compile(graph, { bands: false }), compile(graph)].map(({ arenaBytes }) => arenaBytes);
  // 48 channels of 64 x 64 pixels, 8 lanes of 4 bytes: twice where they are whole, before and behind the windows.
  expect(whole).toBeGreaterThan(2 * 48 * 64 * 64 * 32);
  expect(banded).toBeLessThan(whole! / 3);
});

describe('a band that contradicts itself is refused', () => {
  const { graph } = bandCase(ROWS, 9);
  const { bytes } = compile(graph);
  const { at, words } = stepsOf(bytes).find(({ op }) => op === BAND)!;
  // Where the second and third part begin: op code, rows kept, number of words.
  const second = 2 + 3 + words[4]!;
  const third = second + 3 + words[second + 2]!;
  const load = (changes: Record<number, number>): [number, string] => {
    const mutant = bytes.slice();
    for (const [word, to] of Object.entries(changes)) new Int32Array(mutant.buffer)[at + Number(word)] = to;
    const core = instantiate();
    return [core.pw_plan_load(put(core, mutant), mutant.length), lastError(core)];
  };

  test.each<[string, Record<number, number>, string]>([
    ['no parts', { 0: 0 }, 'a bad band'],
    ['more parts than a band may have', { 0: 4 }, 'a bad band'],
    ['no rows at a time', { 1: 0 }, 'a bad band'],
    ['parts too few', { 0: 2 }, 'a band whose result is a ring'],
    ['another op', { 2: 11 }, 'a band of other steps than products'],
    ['itself as a part', { 2: BAND }, 'a band of other steps than products'],
    ['a ring of three rows', { 3: 3 }, 'a ring of rows whose number is no power of two'],
    ['a ring of less than no row', { 3: -4 }, 'a ring of rows whose number is no power of two'],
    ['a result that is a ring', { [third + 1]: 4 }, 'a band whose result is a ring'],
    ['a part that ends too late', { 4: 100_000 }, 'a step that ends too early'],
    ['a part that ends too early', { 4: words[4]! - 1 }, 'weights that are not there'],
    [
      'other rows than the part before makes',
      { [second + 3 + 1]: 16 },
      'parts of a band that do not follow each other',
    ],
    ['other columns', { [second + 3 + 2]: 24 }, 'parts of a band that do not follow each other'],
    // Of a depthwise part the channels follow the window of 19 words; of the input then place and strides.
    ['other channels', { [second + 3 + 19]: 8 }, 'parts of a band that do not follow each other'],
    [
      'another place',
      { [second + 3 + 20]: words[second + 3 + 20]! + 1 },
      'parts of a band that do not follow each other',
    ],
    ['other strides', { [second + 3 + 22]: 1 }, 'parts of a band that do not follow each other'],
    ['several planes', { [second + 3]: 2 }, 'a band of more than one plane'],
    [
      'a ring outside of the memory',
      { 3: 1 << 30, [second + 3 + 20]: 1 << 20 },
      'a step that reaches outside of its memory',
    ],
  ])('%s', (_name, changes, text) => {
    expect(load({})).toEqual([0, '']);
    expect(load(changes)).toEqual([ERROR.file, text]);
  });
});
