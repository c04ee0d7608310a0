import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { all, attributionOf, embeddedPng, numberAt, parseSvg, texts } from '../test/helpers.ts';
import { heatmap, type HeatmapOptions } from './heatmap.ts';
import { hatchLine } from './heatmap-raster.ts';
import { parseHex, type Rgb } from './oklab.ts';
import { divergingColour } from './palette.ts';
import { themes } from './theme.ts';
import type { Attribution } from '@pathwise/model';

// 2 × 2 pixels of one channel: enlarged 224 times, so the middle of pixel (0, 0) is at (112, 112).
const square = attributionOf([1, 1, 2, 2], [1, -0.5, 0, 0.25]);
const FACTOR = 224;

function pixelOf(attribution: Attribution, x: number, y: number, options: HeatmapOptions = {}): number[] {
  const png = decode(embeddedPng(parseSvg(heatmap(attribution, { hatch: false, ...options }).svg)));
  const at = png.channels * (y * png.width + x);
  return Array.from(png.data.subarray(at, at + 3));
}

/** Colour at the middle of a pixel of the 2 × 2 map. */
function cellOf(x: number, y: number, options: HeatmapOptions = {}): number[] {
  return pixelOf(square, (x + 0.5) * FACTOR, (y + 0.5) * FACTOR, { clipPercentile: 100, ...options });
}

const rounded = (rgb: Rgb): number[] => rgb.map(Math.round);

describe('the pixels of a map that stands alone', () => {
  test('are the colours of the palette, in squares', () => {
    expect(cellOf(0, 0)).toEqual(rounded(divergingColour(1)));
    expect(cellOf(0, 1)).toEqual([0xf6, 0xf6, 0xf6]);
    expect(cellOf(1, 0)).toBeClose(divergingColour(-0.5), { atol: 1.5 }); // 256 levels a side
    const png = decode(embeddedPng(parseSvg(heatmap(square).svg)));
    expect([png.width, png.height]).toEqual([2 * FACTOR, 2 * FACTOR]);
    expect(pixelOf(square, FACTOR - 1, FACTOR - 1, { clipPercentile: 100 })).toEqual(cellOf(0, 0));
  });

  test('follow the scheme and the signs shown', () => {
    expect(cellOf(0, 0, { scheme: 'dark' })).toEqual(rounded(divergingColour(1, 'dark')));
    const empty = rounded(divergingColour(0));
    expect(cellOf(1, 0, { show: 'positive' })).toEqual(empty);
    expect(cellOf(0, 0, { show: 'negative' })).toEqual(empty);
    expect(cellOf(1, 0, { show: 'absolute' })).toBeClose(divergingColour(0.5), { atol: 1.5 });
  });

  test('negative values are hatched, positive ones are not', () => {
    const png = decode(embeddedPng(parseSvg(heatmap(square, { clipPercentile: 100 }).svg)));
    const at = (x: number, y: number): number[] =>
      Array.from(png.data.subarray(3 * (y * png.width + x)).subarray(0, 3));
    const plain = cellOf(1, 0);
    expect(at(300, 0)).toBeClose(hatchLine(plain as unknown as Rgb, themes.light), { atol: 1 });
    expect(at(301, 0)).toEqual(plain);
    expect(at(6, 0)).toEqual(cellOf(0, 0));
  });

  test('a large map keeps its own resolution', () => {
    const large = attributionOf([1, 1, 120, 130], new Float64Array(120 * 130).fill(1));
    const png = decode(embeddedPng(parseSvg(heatmap(large).svg)));
    expect([png.width, png.height]).toEqual([130, 120]);
  });
});

describe('over a photograph', () => {
  const grey = (level: number, size: number) => ({
    width: size,
    height: size,
    data: new Uint8Array(size * size).fill(level),
  });

  // Half of the grey and half of white; opacity is |value| over the limit.
  test('opacity is the absolute value', () => {
    const image = grey(100, 2);
    const faded = (100 + 255) / 2;
    expect(cellOf(0, 1, { image })).toBeClose([faded, faded, faded], { atol: 0.5 });
    expect(cellOf(0, 0, { image })).toEqual(rounded(parseHex('#ad4001')));
    const half = parseHex('#1263b9').map((c) => 0.5 * c + 0.5 * faded);
    expect(cellOf(1, 0, { image })).toBeClose(half, { atol: 0.51 });
  });

  test('colours become grey by their luma', () => {
    const image = { width: 1, height: 1, data: Uint8Array.of(255, 0, 0, 255) };
    const zero = attributionOf([1, 1, 1, 1], [0]);
    const expected = (0.2126 * 255 + 255) / 2;
    expect(pixelOf(zero, 0, 0, { image })).toBeClose([expected, expected, expected], { atol: 0.5 });
  });

  test('without overlay the photograph is not drawn', () => {
    expect(cellOf(0, 1, { image: grey(0, 2), overlay: false })).toEqual([0xf6, 0xf6, 0xf6]);
  });

  test('a coarse map is interpolated between the middles of its cells', () => {
    // Cells 0 and 1 of 64 pixels each: their middles are 31.5 and 95.5, half-way is 63.5 with 0.5 of the limit.
    const image = grey(255, 128);
    const coarse = attributionOf([1, 1, 2, 2], [0, 1, 0, 1]);
    const at = (x: number): number => pixelOf(coarse, x, 64, { image })[2] as number;
    const blue = 0x01;
    expect(at(5)).toBe(255);
    expect(at(120)).toBe(blue);
    expect((at(63) + at(64)) / 2).toBeClose((255 + blue) / 2, { atol: 1 });
  });

  test('another framing is refused with advice', () => {
    const nhwc = attributionOf([1, 8, 8, 3], new Float64Array(192));
    expect(() => heatmap(nhwc, { image: grey(0, 8) })).toThrow(/Channels last\? Set layout: 'nhwc'/u);
    expect(() => heatmap(nhwc, { image: grey(0, 8), layout: 'nhwc' })).not.toThrow();
  });

  test('data of another size are refused', () => {
    const image = { width: 2, height: 2, data: new Uint8Array(5) };
    expect(() => heatmap(square, { image })).toThrow(/for image, got \[5\]/u);
  });
});

describe('legend and notes', () => {
  test('the legend ends at the limit, in units of the output', () => {
    const shown = texts(parseSvg(heatmap(square, { clipPercentile: 100 }).svg));
    for (const text of ['−1.00', '−0.500', '0', '+0.500', '+1.00', 'contribution to logits[3]'])
      expect(shown).toContain(text);
  });

  test('positive values have the positive side alone', () => {
    const shown = texts(parseSvg(heatmap(square, { show: 'positive', clipPercentile: 100 }).svg));
    expect(shown).toContain('+1.00');
    expect(shown).not.toContain('−1.00');
  });

  // 200 pixels of size 1 … 200: the 99th percentile is 1 + 0.99 * 199 = 198.01, two pixels lie beyond.
  test('clipping is stated', () => {
    const values = Float64Array.from({ length: 200 }, (_, i) => i + 1);
    const shown = texts(parseSvg(heatmap(attributionOf([1, 1, 10, 20], values)).svg));
    expect(shown).toContain('+198');
    expect(shown.join(' ')).toContain('colours end at the 99th percentile (1 % of pixels clipped)');
  });

  test('channels are named', () => {
    const rgb = attributionOf([1, 3, 1, 1], [1, 2, -4]);
    expect(heatmap(rgb).svg).toContain('Sum over 3 channels');
    expect(heatmap(rgb, { reduce: 'max-abs' }).svg).toContain('Strongest of 3 channels');
  });

  test('all zero: an empty map with a sentence, and a legend with its zero only', () => {
    const picture = heatmap(attributionOf([1, 1, 2, 2], [0, 0, 0, 0]));
    const shown = texts(parseSvg(picture.svg));
    expect(shown).toContain('All attributions are zero: the map is empty.');
    expect(shown.filter((t) => /\d/u.test(t) && !t.includes('F(x)') && !t.includes('logits'))).toEqual(['0']);
    expect(picture.svg).not.toMatch(/NaN|Infinity/u);
    expect(picture.alt).toContain('All attributions are zero.');
  });

  test('a single pixel', () => {
    const picture = heatmap(attributionOf([1, 1, 1, 1], [-3]));
    expect(texts(parseSvg(picture.svg))).toContain('−3.00');
    expect(picture.table.rows).toEqual([
      ['centre', '−3.000'],
      ['whole image', '−3.000'],
    ]);
  });
});

test('the picture has its stated size, an alternative text and numbers behind it', () => {
  const picture = heatmap(square);
  const root = parseSvg(picture.svg);
  expect([numberAt(root, 'width'), numberAt(root, 'height')]).toEqual([picture.width, picture.height]);
  expect(root.getAttribute('role')).toBe('img');
  expect(root.getAttribute('aria-label')).toBe(picture.alt);
  // Σ = 1 − 0.5 + 0 + 0.25.
  expect(picture.alt).toContain('integrated-gradients for logits[3]; Σ 0.7500, F(x) − F(x′) 4.500, Δ 1.4 %.');
  expect(picture.alt).toContain('Strongest regions: top left +1.00');
  expect(picture.table.rows.at(-1)).toEqual(['whole image', '+0.7500']);
  expect(all(root, 'script')).toEqual([]);
});

test('without heading the title is not drawn', () => {
  expect(texts(parseSvg(heatmap(square, { heading: false }).svg))).not.toContain('logits[3]');
  expect(texts(parseSvg(heatmap(square, { title: 'Seven' }).svg))).toContain('Seven');
});

test('labels name the target', () => {
  expect(texts(parseSvg(heatmap(square, { labels: ['a', 'b', 'c', 'cat'] }).svg))).toContain('cat (logits[3])');
});

test('the channels of a group show its value, not three times it', () => {
  const channels = attributionOf([1, 3, 1, 2], [0.5, -1, 0.5, -1, 0.5, -1]);
  const grouped = { ...channels, players: { count: 2, ids: {} }, perPlayer: [[0.5, -1]] };
  expect(texts(parseSvg(heatmap(grouped).svg)).join(' ')).toContain('Strongest of 3 channels');
  expect(texts(parseSvg(heatmap(channels).svg)).join(' ')).toContain('Sum over 3 channels');
});
