import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { attributionOf } from '../test/helpers.ts';
import { heatmap } from './heatmap.ts';
import { kindOf } from './picture-kind.ts';
import { render } from './render.ts';

describe('kindOf', () => {
  const of = (...shape: number[]) => attributionOf(shape, new Float64Array(shape.reduce((a, b) => a * b, 1)));
  const image = { width: 2, height: 2, data: new Uint8Array(4) };
  test.each([
    ['image, NCHW', of(1, 3, 4, 4), {}, 'heatmap'],
    ['rows of an image', of(1, 4, 4), {}, 'heatmap'],
    ['one channel of a series', of(1, 1, 8), {}, 'bars'],
    ['one channel, with an image', of(1, 1, 8), { image }, 'heatmap'],
    ['a row of a table', of(1, 8), {}, 'bars'],
    ['a row of a table, with an image', of(1, 8), { image }, 'bars'],
    ['an embedding with tokens', of(1, 3, 5), { tokens: ['a', 'b', 'c'] }, 'tokens'],
    ['a volume', of(1, 1, 2, 2, 2), {}, 'bars'],
    ['one number', of(1), {}, 'bars'],
  ] as const)('%s', (_, attribution, given, kind) => {
    expect(kindOf(attribution, given)).toBe(kind);
  });
});

describe('render', () => {
  const attribution = attributionOf([1, 1, 2, 2], [1, -1, 0, 0]);

  test('svg is the picture', async () => {
    expect(await render(attribution, { format: 'svg', show: 'absolute' })).toBe(
      heatmap(attribution, { show: 'absolute' }).svg,
    );
  });

  test('png has the size of the picture times the scale', async () => {
    const { width, height } = heatmap(attribution);
    const png = decode(await render(attribution, { format: 'png', scale: 1.5 }));
    expect([png.width, png.height]).toBeClose([1.5 * width, 1.5 * height], { atol: 1 });
    const twice = decode(await render(attribution, 'png'));
    expect([twice.width, twice.height]).toEqual([2 * width, 2 * height]);
  });

  test('html is a page', async () => {
    expect(await render(attribution, 'html')).toMatch(/^<!doctype html>/u);
  });

  test.each([
    ['format', { format: 'pdf' }, /expected "svg", "png" or "html" for format, got "pdf"/u],
    ['kind', { format: 'svg', kind: 'pie' }, /for kind, got "pie"/u],
  ])('an unknown %s is refused', async (_, options, message) => {
    await expect(render(attribution, options as unknown as 'svg')).rejects.toThrow(message);
  });

  test('the same attribution gives the same bytes', async () => {
    expect(await render(attribution, 'png')).toEqual(await render(attribution, 'png'));
  });
});
