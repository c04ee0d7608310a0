import { decode } from 'fast-png';
import { describe, expect, test } from 'vitest';
import { attributionOf } from '../test/helpers.ts';
import { defaultAssets } from './rasterizer-assets-none.ts';
import { divergingColour } from './palette.ts';
import { loadRasterizer, rasterize } from './rasterizer.ts';
import { heatmap } from './heatmap.ts';
import { encodePng } from './png.ts';

const square = (fill: string): string =>
  `<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><rect width="20" height="10" fill="${fill}"/></svg>`;

describe('rasterize', () => {
  test('size and colour', async () => {
    const png = decode(await rasterize(square('#1263b9'), { scale: 3 }));
    expect([png.width, png.height]).toEqual([60, 30]);
    expect(Array.from(png.data.subarray(0, 3))).toEqual([0x12, 0x63, 0xb9]);
  });

  test('text is drawn with the fonts of the package', async () => {
    const draw = (text: string): Promise<Uint8Array> =>
      rasterize(
        `<svg xmlns="http://www.w3.org/2000/svg" width="60" height="20"><text x="2" y="15" font-family="Inter, sans-serif">${text}</text></svg>`,
      );
    const ink = async (text: string): Promise<number> => {
      const png = decode(await draw(text));
      let sum = 0;
      for (let i = 3; i < png.data.length; i += 4) sum += png.data[i] as number;
      return sum;
    };
    expect(await ink('')).toBe(0);
    expect(await ink('Σ F(x)')).toBeGreaterThan(1000);
    // Characters that Inter lacks come from another font, each its own sign.
    expect(await draw('Ж')).not.toEqual(await draw('א'));
    expect(await draw('▁')).not.toEqual(await draw('א'));
  });

  test('the squares of a heat map have the colours of the palette', async () => {
    const picture = heatmap(attributionOf([1, 1, 2, 2], [1, -1, 0, 0]), { heading: false, hatch: false });
    const png = decode(await rasterize(picture.svg, { scale: 1 }));
    expect([png.width, png.height]).toEqual([picture.width, picture.height]);
    const at = (x: number, y: number): number[] =>
      Array.from(png.data.subarray(png.channels * (y * png.width + x)).subarray(0, 3));
    expect(at(100, 100)).toBeClose(divergingColour(1), { atol: 1 });
    expect(at(330, 100)).toBeClose(divergingColour(-1), { atol: 1 });
    expect(at(100, 330)).toBeClose(divergingColour(0), { atol: 1 });
  });

  test.each([0, -1, 17, Number.NaN])('scale %d is refused', async (scale) => {
    await expect(rasterize(square('red'), { scale })).rejects.toThrow(
      /expected a number above 0 and at most 16 for scale/u,
    );
  });

  test('given fonts are taken, and loading again does no harm', async () => {
    await loadRasterizer({ wasm: new Uint8Array(), font: [] });
    const text = '<svg xmlns="http://www.w3.org/2000/svg" width="30" height="20"><text x="2" y="15">A</text></svg>';
    const without = decode(await rasterize(text));
    expect(without.data.every((v) => v === 0)).toBe(true);
    await loadRasterizer();
    expect(decode(await rasterize(text)).data.some((v) => v > 0)).toBe(true);
  });

  test('outside Node nothing is found by itself', async () => {
    expect(await defaultAssets()).toBeNull();
  });
});

describe('encodePng', () => {
  test('opaque pixels are stored as RGB, others as RGBA', () => {
    const opaque = decode(encodePng({ width: 2, height: 1, data: Uint8Array.of(1, 2, 3, 255, 4, 5, 6, 255) }));
    expect(opaque).toMatchObject({ width: 2, height: 1, channels: 3 });
    expect([...opaque.data]).toEqual([1, 2, 3, 4, 5, 6]);
    const clear = decode(encodePng({ width: 1, height: 1, data: Uint8Array.of(1, 2, 3, 0) }));
    expect(clear.channels).toBe(4);
  });
});
