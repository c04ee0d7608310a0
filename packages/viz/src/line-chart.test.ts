import { expect, test } from 'vitest';
import { lineChart, rangeOf } from './line-chart.ts';
import { themes } from './theme.ts';

const options = { theme: themes.light, title: 'Taken', xLabel: 'removed', unit: ' %', xTicks: [0, 5, 10] };

test('the range holds all values and zero', () => {
  const [low, high] = rangeOf([{ name: 'a', x: [0, 1], y: [20, 50] }]);
  expect(low).toBe(0);
  expect(high).toBeGreaterThan(50);
  expect(rangeOf([{ name: 'a', x: [0], y: [0] }])).toEqual([-1, 1]);
});

test('lines are named at their ends, told apart by dashes too, and controls are grey', () => {
  const { body } = lineChart(
    [
      { name: 'region', x: [0, 5, 10], y: [0, 50, 80] },
      { name: 'margin', x: [0, 5, 10], y: [0, 40, 80] },
      { name: 'random', x: [0, 5, 10], y: [0, 1, 2], isControl: true },
    ],
    options,
  );
  const paths = [...body.matchAll(/<path [^>]*>/g)].map(([path]) => path);
  expect(paths).toHaveLength(3);
  expect(paths[0]).not.toContain('stroke-dasharray');
  expect(paths[1]).toContain('stroke-dasharray');
  expect(paths[2]).toContain(`stroke="${themes.light.secondary}"`);
  const labels = [...body.matchAll(/<text x="[\d.]+" y="([\d.]+)"[^>]*>(region|margin|random)</g)];
  expect(labels.map(([, , name]) => name)).toEqual(['region', 'margin', 'random']);
  // Two lines end at one height: their names stand apart.
  const [first, second] = labels.map(([, y]) => Number(y)) as [number, number];
  expect(Math.abs(first - second)).toBeGreaterThanOrEqual(13);
});

test('names of the horizontal axis that would cover one another are left out, their marks are not', () => {
  const { body } = lineChart([{ name: 'a', x: [0, 1, 1000], y: [0, 1, 2] }], { ...options, xTicks: [0, 1, 1000] });
  expect(body).not.toContain('>1</text>');
  expect(body).toContain('>1000</text>');
});
