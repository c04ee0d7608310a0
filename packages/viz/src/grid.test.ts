import { expect, test } from 'vitest';
import { grid } from './grid.ts';
import { themes } from './theme.ts';

const picture = (width: number, height: number) => ({
  svg: `<svg width="${width}" height="${height}"/>`,
  width,
  height,
});

test('cells stand in rows, each under its caption, and rows are as high as their highest picture', () => {
  const cells = [picture(100, 50), picture(100, 80), picture(60, 10)].map((one, i) => ({
    caption: `n${i}`,
    picture: one,
  }));
  const { body, width, height } = grid(cells, { theme: themes.light, columns: 2 });
  expect(width).toBe(216);
  expect(height).toBe(20 + 80 + 16 + 20 + 10);
  expect([...body.matchAll(/translate\(([\d.]+) ([\d.]+)\)/g)].map(([, x, y]) => [Number(x), Number(y)])).toEqual([
    [0, 20],
    [116, 20],
    [0, 136],
  ]);
});

test('a cell width scales pictures', () => {
  const { body, width, height } = grid([{ caption: 'a', picture: picture(100, 50) }], {
    theme: themes.dark,
    columns: 3,
    cellWidth: 50,
  });
  expect(body).toContain('scale(0.5)');
  expect([width, height]).toEqual([50, 45]);
});
