import { expect, test } from 'vitest';
import { attributionOf, parseSvg, texts } from '../test/helpers.ts';
import { force } from './force.ts';

const names = ['age', 'dose', 'weight', 'height'];
const four = { ...attributionOf([1, 4], [1, -4, 2, 0.5]), outputAtInput: [2.5], outputAtBaseline: [3] };

test('F(x) stands where the sum of what pushes up ends', () => {
  const { svg } = force(four, { featureNames: names });
  // 3.5 push up and 4 down, on 640 pixels.
  const mark = [...svg.matchAll(/<line x1="([\d.]+)" x2="\1" y1="24"/g)].map(([, x]) => Number(x));
  expect(mark).toBeClose([(640 * 3.5) / 7.5], { atol: 0.01 });
  const shown = texts(parseSvg(svg));
  for (const text of [...names, 'F(x) = 2.500']) expect(shown).toContain(text);
});

test('one sign alone, and nothing at all, are drawn', () => {
  expect(force({ ...attributionOf([1, 2], [1, 2]), outputAtInput: [3] }).table.rows).toHaveLength(2);
  expect(force({ ...attributionOf([1, 2], [0, 0]), outputAtInput: [3] }).alt).toContain('All attributions are zero.');
});
