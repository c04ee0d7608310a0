import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { contrast, fromOklab, luminance, parseHex, toHex, toOklab, type Rgb } from './oklab.ts';
import { colourTable, divergingColour, divergingStops, readableOn, type Scheme, type Sign } from './palette.ts';

const schemes: Scheme[] = ['light', 'dark'];
const signs: Sign[] = ['negative', 'positive'];
const positions = [0, 0.2, 0.4, 0.6, 0.8, 1];

// CIE 1976 lightness from the relative luminance (ISO/CIE 11664-4).
function lightness(rgb: Rgb): number {
  const y = luminance(rgb);
  return y > (6 / 29) ** 3 ? 116 * Math.cbrt(y) - 16 : (29 / 3) ** 3 * y;
}

describe('divergingColour', () => {
  // The project's palette: lightness equal on both sides, and monotone.
  test.each([
    ['light', 'negative', '#f6f6f6 #c7dfff #97c4fe #61a5fc #3785e2 #1263b9'],
    ['light', 'positive', '#f6f6f6 #fed4c3 #fcaf91 #f2865a #d5612e #ad4001'],
    ['dark', 'negative', '#211f1e #1f3b57 #22578a #2d78bd #519ae2 #7ebeff'],
    ['dark', 'positive', '#211f1e #53311c #82441d #b35d25 #d87f4a #faa474'],
  ] as const)('%s, %s: the stops are exact', (scheme, sign, stops) => {
    const direction = sign === 'negative' ? -1 : 1;
    expect(positions.map((p) => toHex(divergingColour(direction * p, scheme))).join(' ')).toBe(stops);
  });

  // Stated of the palette: L* of the two sides equal within 0.2 at every stop, and monotone. That is rounded to one
  // decimal: the ends of the dark palette are 75.13 and 74.91, all other pairs are closer.
  test.each(schemes)('%s: both signs have the same lightness, which runs one way', (scheme) => {
    const sides = signs.map((sign) => divergingStops[scheme][sign].map((hex) => lightness(parseHex(hex))));
    const [negative, positive] = sides as [number[], number[]];
    expect(negative).toBeClose(positive, { atol: scheme === 'dark' ? 0.22 : 0.2 });
    for (const side of sides) {
      const steps = side.slice(1).map((l, i) => Math.sign(l - (side[i] as number)));
      expect(new Set(steps)).toEqual(new Set([scheme === 'light' ? -1 : 1]));
    }
  });

  // Stated of the palette: the extremes have 6.0:1 against white and 9.1:1 against #15171a.
  test('the extremes stand out from the page', () => {
    for (const v of [-1, 1]) {
      expect(contrast(divergingColour(v, 'light'), [255, 255, 255])).toBeClose(6, { atol: 0.06 });
      expect(contrast(divergingColour(v, 'dark'), parseHex('#15171a'))).toBeClose(9.1, { atol: 0.06 });
    }
  });

  test('half-way between stops is the mean in OKLab', () => {
    const from = toOklab(parseHex('#f6f6f6'));
    const to = toOklab(parseHex('#fed4c3'));
    const mean = from.map((c, i) => (c + (to[i] as number)) / 2);
    expect(toOklab(divergingColour(0.1))).toBeClose(mean, { atol: 1e-6 });
  });

  test('values beyond the scale keep the extreme colour', () => {
    expect(divergingColour(7)).toEqual(divergingColour(1));
    expect(divergingColour(-7, 'dark')).toEqual(divergingColour(-1, 'dark'));
  });
});

test('the table of colours agrees with the palette at its levels', () => {
  for (const scheme of schemes) {
    for (const v of [-1, -0.6, 0, 0.2, 1]) expect(colourTable(scheme).at(v)).toEqual(divergingColour(v, scheme));
  }
});

describe('OKLab', () => {
  // Defining property of the space: white is (1, 0, 0) and greys have no colour.
  test('white and grey', () => {
    expect(toOklab([255, 255, 255])).toBeClose([1, 0, 0], { atol: 1e-6 });
    expect(toOklab([90, 90, 90]).slice(1)).toBeClose([0, 0], { atol: 1e-6 });
  });

  // CSS Color Module Level 4, section 9.2: red is oklab(62.796% 0.22486 0.12585).
  test('red', () => {
    expect(toOklab([255, 0, 0])).toBeClose([0.62796, 0.22486, 0.12585], { atol: 1e-4 });
  });

  test('back and forth', () => {
    const channel = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(fc.tuple(channel, channel, channel), (rgb) => {
        expect(fromOklab(toOklab(rgb))).toBeClose(rgb, { atol: 0.01 });
      }),
    );
  });
});

test('text takes the colour that reads better', () => {
  expect(readableOn([20, 20, 20], '#000000', '#ffffff')).toBe('#ffffff');
  expect(readableOn([240, 240, 240], '#000000', '#ffffff')).toBe('#000000');
});
