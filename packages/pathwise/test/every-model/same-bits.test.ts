// With a seed, every method gives the same bits whatever the rows beside one, the byte budget and the number of workers:
// random numbers are drawn by place, and sums are taken in one order.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rowsOf, toFloat64, type Attribution, type Feeds } from '@pathwise/model';
import { methods, type Method } from '@pathwise/attribution';
import { explainer, type Explainer, type ExplainOptions } from '../../src/index.ts';
import { cheapRequest } from './cheap-request.ts';

const MODELS = {
  penguins: '../../../../models/penguins/',
  events: '../../../../models/events/',
};
const ROWS = 3;
const SEED = 11;
const at = (folder: string, file: string): string => new URL(folder + file, import.meta.url).pathname;

const bits = ({ attributions }: Attribution, rows: number, row: number): Record<string, number[]> =>
  Object.fromEntries(
    Object.entries(attributions).map(([name, { data }]) => {
      const size = data.length / rows;
      return [name, Array.from(toFloat64(data).subarray(row * size, (row + 1) * size))];
    }),
  );

/** What is drawn from a seed: samples, and where a method has none, baselines. */
function seeded(method: Method, explain: Explainer, feeds: Feeds): ExplainOptions {
  const { takes } = method;
  const drawn = takes.baseline === 'none' ? {} : { baseline: takes.baseline === 'set' ? 'uniform:2' : 'uniform:1' };
  return { ...cheapRequest(method, explain, feeds), ...drawn, target: 1, seed: SEED } as ExplainOptions;
}

describe.each(Object.entries(MODELS))('%s', (_, folder) => {
  let one: Explainer;
  let three: Explainer;
  let feeds: Feeds;
  beforeAll(async () => {
    const file = at(folder, 'model.onnx');
    [one, three] = [await explainer(file, { engine: 'wasm' }), await explainer(file, { engine: 'wasm', workers: 3 })];
    const whole = (await one.prepare(at(folder, 'rows.csv'))).feeds;
    feeds = Object.fromEntries(Object.entries(whole).map(([name, t]) => [name, rowsOf(t, 0, ROWS)]));
  });
  afterAll(() => {
    one.dispose();
    three.dispose();
  });
  test.each(methods.map((method) => [method.id, method] as const))('%s', async (_id, method) => {
    const request = seeded(method, one, feeds);
    // Half of the budget is for points: one, and four.
    const [narrow, wide] = [2.5, 9].map((points) => points * one.model.bytesPerRow(feeds));
    const whole = await one(feeds, request);
    const inWorkers = await three(feeds, request);
    const inTiles = await one(feeds, { ...request, maxBytes: narrow });
    const inTilesOfWorkers = await three(feeds, { ...request, maxBytes: wide });
    for (let row = 0; row < ROWS; row++) {
      const expected = bits(whole, ROWS, row);
      const alone = Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, rowsOf(t, row, row + 1)]));
      expect(bits(await one(alone, request), 1, 0)).toEqual(expected);
      for (const other of [inWorkers, inTiles, inTilesOfWorkers]) expect(bits(other, ROWS, row)).toEqual(expected);
    }
    expect(inWorkers.standardErrors).toEqual(whole.standardErrors);
    expect(inTiles.standardErrors).toEqual(whole.standardErrors);
  });

  test.each(methods.filter(({ random }) => random === true).map((method) => [method.id, method] as const))(
    '%s: another seed, other numbers',
    async (_id, method) => {
      const request = seeded(method, one, feeds);
      const first = await one(feeds, request);
      const other = await one(feeds, { ...request, seed: SEED + 1 });
      expect(bits(other, 1, 0)).not.toEqual(bits(first, 1, 0));
    },
  );
});
