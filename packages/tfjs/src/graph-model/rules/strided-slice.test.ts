import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float64, sizeOf, type Tensor } from '@pathwise/model';
import { graphBuilder, referenceEngine } from '@pathwise/ops';
import { LayoutBuilder } from '../../layout/layout-builder.ts';
import { Call } from '../call.ts';
import { NodeAttrs } from '../node-attrs.ts';
import { stridedSlice } from './strided-slice.ts';

/** One entry of an index expression in Python. */
type Entry =
  | { readonly kind: 'ellipsis' | 'new' }
  | { readonly kind: 'index'; readonly at: number }
  | { readonly kind: 'range'; readonly start: number | null; readonly end: number | null; readonly step: number };

/** Nested arrays indexed as Python indexes lists, entry by entry: an oracle that knows no masks and no shapes. */
type Nested = number | Nested[];
function index(x: Nested, entries: readonly Entry[], rank: number): Nested {
  const [entry, ...rest] = entries;
  if (entry === undefined) return x;
  const named = entries.filter(({ kind }) => kind === 'index' || kind === 'range').length;
  switch (entry.kind) {
    case 'ellipsis':
      return named < rank ? (x as Nested[]).map((item) => index(item, entries, rank - 1)) : index(x, rest, rank);
    case 'new':
      return [index(x, rest, rank)];
    case 'index':
      return index((x as Nested[]).at(entry.at) as Nested, rest, rank - 1);
    case 'range':
      return pythonRange((x as Nested[]).length, entry).map((at) =>
        index((x as Nested[])[at] as Nested, rest, rank - 1),
      );
  }
}

/** The places of `list[start:end:step]`, counted one by one. */
function pythonRange(size: number, { start, end, step }: Extract<Entry, { kind: 'range' }>): number[] {
  const places = Array.from({ length: size }, (_, at) => at);
  const at = (value: number): number => (value < 0 ? value + size : value);
  const first = start === null ? (step > 0 ? 0 : size - 1) : at(start);
  const inside = places.filter((place) => {
    const steps = (place - (step > 0 ? Math.max(first, 0) : Math.min(first, size - 1))) / step;
    const before = end === null || (step > 0 ? place < at(end) : place > at(end));
    return steps >= 0 && Number.isInteger(steps) && before;
  });
  return step > 0 ? inside : inside.reverse();
}

const nested = ({ shape, data }: Tensor): Nested => {
  const [size, ...rest] = shape;
  if (size === undefined) return Number(data[0]);
  const inner = sizeOf(rest);
  return Array.from({ length: size }, (_, i) =>
    nested({ dtype: 'float64', shape: rest, data: (data as Float64Array).subarray(i * inner, (i + 1) * inner) }),
  );
};

/** The masks and lists of an index expression, as TensorFlow writes them; what a mask hides is noise. */
function encoded(entries: readonly Entry[]): { lists: number[][]; masks: Record<string, { i: number }> } {
  const bits = (test: (entry: Entry) => boolean): { i: number } => ({
    i: entries.reduce((mask, entry, at) => mask + (test(entry) ? 2 ** at : 0), 0),
  });
  const lists = entries.map((entry) => {
    if (entry.kind === 'index') return [entry.at, 0, 1];
    return entry.kind === 'range' ? [entry.start ?? 9, entry.end ?? -9, entry.step] : [7, 7, 1];
  });
  return {
    lists: [0, 1, 2].map((k) => lists.map((list) => list[k] as number)),
    masks: {
      begin_mask: bits((entry) => entry.kind === 'range' && entry.start === null),
      end_mask: bits((entry) => entry.kind === 'range' && entry.end === null),
      ellipsis_mask: bits(({ kind }) => kind === 'ellipsis'),
      new_axis_mask: bits(({ kind }) => kind === 'new'),
      shrink_axis_mask: bits(({ kind }) => kind === 'index'),
    },
  };
}

async function run(x: Tensor, entries: readonly Entry[], channelsFirst: boolean): Promise<Nested> {
  const l = new LayoutBuilder(graphBuilder());
  const input = l.input('x', x.shape, 'float64');
  const held = channelsFirst ? l.value(l.channelsFirst(input), 'channels-first') : input;
  const { lists, masks } = encoded(entries);
  const constants = lists.map((list) => l.value(l.b.ints(list)));
  const attrs = new NodeAttrs(masks);
  const call = new Call({ l, op: 'StridedSlice', name: 'y', inputs: [held, ...constants], attrs, warn: () => {} });
  const y = l.asWritten([stridedSlice(call)].flat()[0]!);
  const engine = await referenceEngine.load(l.b.build([y]));
  const result = (await engine.run({ x }, [y]))[y] as Tensor;
  return nested({ ...result, shape: l.b.shape(y) });
}

const counting = (shape: readonly number[]): Tensor =>
  float64(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => i),
  );

const anyEntry = (size: number): fc.Arbitrary<Entry> => {
  const bound = fc.option(fc.integer({ min: -size - 2, max: size + 2 }));
  return fc.oneof(
    fc.record({ kind: fc.constant('index' as const), at: fc.integer({ min: -size, max: size - 1 }) }),
    fc.record({
      kind: fc.constant('range' as const),
      start: bound,
      end: bound,
      step: fc.constantFrom(1, 2, 3, -1, -2),
    }),
  );
};

/** A shape, and entries for some of its axes, with an ellipsis and new axes between them. */
const anySlice = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 })
  .chain((shape) =>
    fc.record({
      shape: fc.constant(shape),
      before: fc.integer({ min: 0, max: shape.length }),
      after: fc.integer({ min: 0, max: shape.length }),
      ellipsis: fc.boolean(),
      entries: fc.tuple(...shape.map(anyEntry)),
      fresh: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 2 }),
    }),
  )
  .map(({ shape, before, after, ellipsis, entries, fresh }) => {
    const tail = Math.min(after, shape.length - before);
    const chosen: Entry[] = [
      ...entries.slice(0, before),
      ...(ellipsis ? [{ kind: 'ellipsis' } as const, ...entries.slice(shape.length - tail)] : []),
    ];
    for (const at of fresh) chosen.splice(Math.min(at, chosen.length), 0, { kind: 'new' });
    return { shape, entries: chosen };
  })
  // The last axis that is left must hold something for nested arrays to show their shape.
  .filter(({ entries }) => entries.length > 0);

describe('StridedSlice', () => {
  test('agrees with indexing as Python does it, in both layouts', async () => {
    await fc.assert(
      fc.asyncProperty(anySlice, fc.boolean(), async ({ shape, entries }, channelsFirst) => {
        const x = counting(shape);
        const expected = index(nested(x), entries, shape.length);
        expect(await run(x, entries, channelsFirst)).toEqual(expected);
      }),
      { numRuns: 400 },
    );
  });

  // Written out by hand from [[0, 1, 2], [3, 4, 5]].
  test.each([
    ['x[..., -1]', [{ kind: 'ellipsis' }, { kind: 'index', at: -1 }], [2, 5]],
    ['x[:, None, 0:2]', [range(null, null), { kind: 'new' }, range(0, 2)], [[[0, 1]], [[3, 4]]]],
    ['x[::-1, 1]', [range(null, null, -1), { kind: 'index', at: 1 }], [4, 1]],
    ['x[1, 5:0:-2]', [{ kind: 'index', at: 1 }, range(5, 0, -2)], [5]],
    [
      'x[None]',
      [{ kind: 'new' }],
      [
        [
          [0, 1, 2],
          [3, 4, 5],
        ],
      ],
    ],
  ] as [string, Entry[], Nested][])('%s', async (_, entries, expected) => {
    expect(await run(counting([2, 3]), entries, false)).toEqual(expected);
  });

  test('refuses an index outside of its axis', async () => {
    await expect(run(counting([2, 3]), [{ kind: 'index', at: -3 }], false)).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: index -3 lies outside of axis 0 of size 2]`,
    );
  });
});

function range(start: number | null, end: number | null, step = 1): Entry {
  return { kind: 'range', start, end, step };
}
