import { expect, test } from 'vitest';
import { float32, type Attribution } from '@pathwise/model';
import { pruning, type PruningResult } from './pruning.ts';

const map = (values: readonly number[], shape: readonly number[] = [1, 1, 2, 2]): Attribution => ({
  method: 'integrated-gradients',
  params: {},
  seed: null,
  engine: 'reference',
  unit: 'contribution',
  attributions: { x: float32(shape, values) },
  target: ['y[0]'],
  outputAtInput: [1],
  outputAtBaseline: [0],
  convergenceDelta: [0],
  relativeDelta: [0],
  complete: true,
  error: null,
  errorMet: null,
  cancellation: [1],
  evaluations: { forward: 2, gradient: 1 },
  warnings: [],
});

const result: PruningResult = {
  layer: 'conv1',
  units: 100,
  target: ['y[0]'],
  regionShare: 0.4,
  curves: [
    { ranking: 'region', points: [{ count: 1, regionDrop: 50, restDrop: 1 }] },
    { ranking: 'random', points: [{ count: 1, regionDrop: 0, restDrop: 2 }] },
  ],
  maps: { ranking: 'region', count: 1, before: map([1, 2, 3, 4]), after: map([1, 0, 3, 0]) },
};

test('maps before and after on one scale, with the region outlined, and both charts', () => {
  const picture = pruning(result, { region: [0, 1, 2, 2] });
  expect(picture.svg).toContain('Without 1 units by region');
  expect(picture.svg).toContain('Taken from the region');
  expect(picture.svg).toContain('Taken from the rest');
  // A light and a dark line, in two maps.
  expect(picture.svg.match(/<rect x="224" y="0" width="224" height="448"/g)).toHaveLength(4);
  const ends = [...picture.svg.matchAll(/>(\+[\d.]+)</g)].map(([, number]) => number);
  expect(ends.length).toBeGreaterThan(1);
  expect(ends.slice(0, ends.length / 2)).toEqual(ends.slice(ends.length / 2));
  expect(picture.alt).toContain('1 units by region take 50 % of the region and 1 % of the rest');
  expect(picture.table.rows[0]).toEqual(['region', '1', '50.0', '1.00', '49.0']);
});

test('inputs that are no images have charts only', () => {
  const maps = { ...result.maps, before: map([1, 2], [1, 2]), after: map([1, 0], [1, 2]) };
  const { svg, height } = pruning({ ...result, maps });
  expect(svg).not.toContain('<image');
  expect(height).toBeLessThan(pruning(result).height);
});
