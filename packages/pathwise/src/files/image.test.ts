import { describe, expect, test } from 'vitest';
import { encode, type BitDepth } from 'fast-png';
import { zlibSync } from 'fflate';
import { encode as encodeJpeg } from 'jpeg-js';
import { readImage } from './image.ts';
import { DEFAULT_LIMITS } from './limits.ts';

const png = (channels: number, data: number[], depth: BitDepth = 8): Uint8Array =>
  encode({ width: 2, height: 1, channels, depth, data: depth === 16 ? Uint16Array.from(data) : Uint8Array.from(data) });

/** CRC-32 as PNG annex D defines it, bit by bit. */
function crc(bytes: Uint8Array): number {
  let c = 0xffffffff;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0xedb88320 : c >>> 1;
  }
  return ~c >>> 0;
}

/** A PNG file put together by hand: header fields, palette, raw lines with their filter bytes. */
function handMade(
  {
    width,
    height,
    depth,
    type,
    interlace = 0,
  }: { width: number; height: number; depth: number; type: number; interlace?: number },
  raw: number[] | Uint8Array,
  palette?: number[],
): Uint8Array {
  const word = (n: number): number[] => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
  const chunk = (name: string, data: ArrayLike<number>): number[] => {
    const body = Uint8Array.from([...new TextEncoder().encode(name), ...Array.from(data)]);
    return [...word(data.length), ...body, ...word(crc(body))];
  };
  return Uint8Array.from([
    // The signature: \x89PNG\r\n\x1a\n
    ...word(0x89504e47),
    ...word(0x0d0a1a0a),
    ...chunk('IHDR', [...word(width), ...word(height), depth, type, 0, 0, interlace]),
    ...(palette === undefined ? [] : chunk('PLTE', palette)),
    ...chunk('IDAT', zlibSync(Uint8Array.from(raw))),
    ...chunk('IEND', []),
  ]);
}

describe('PNG', () => {
  test('RGB, transparency left out', () => {
    expect(readImage(png(3, [1, 2, 3, 4, 5, 6]), 'a.png')).toEqual({
      width: 2,
      height: 1,
      data: Uint8Array.of(1, 2, 3, 4, 5, 6),
    });
    expect([...readImage(png(4, [1, 2, 3, 0, 4, 5, 6, 9]), 'a.png').data]).toEqual([1, 2, 3, 4, 5, 6]);
    expect([...readImage(png(2, [7, 0, 9, 255]), 'a.png').data]).toEqual([7, 9]);
  });

  test('16 bits become 8', () => {
    // 257 * v is v of 255; 300 / 257 rounds to 1.
    expect([...readImage(png(3, [0, 257, 65535, 300, 128 * 257, 0], 16), 'a.png').data]).toEqual([
      0, 1, 255, 1, 128, 0,
    ]);
  });

  // One bit a pixel, from the high bit on; the second line starts with a new byte.
  test('grey of 1, 2 and 4 bits', () => {
    const one = handMade({ width: 3, height: 2, depth: 1, type: 0 }, [0, 0b10100000, 0, 0b01000000]);
    expect([...readImage(one, 'a.png').data]).toEqual([255, 0, 255, 0, 255, 0]);
    const two = handMade({ width: 4, height: 1, depth: 2, type: 0 }, [0, 0b00011011]);
    expect([...readImage(two, 'a.png').data]).toEqual([0, 85, 170, 255]);
    const four = handMade({ width: 3, height: 1, depth: 4, type: 0 }, [0, 0x1f, 0x80]);
    expect([...readImage(four, 'a.png').data]).toEqual([17, 255, 136]);
  });

  test('palette', () => {
    const file = handMade({ width: 3, height: 1, depth: 2, type: 3 }, [0, 0b01000100], [9, 8, 7, 1, 2, 3]);
    expect([...readImage(file, 'a.png').data]).toEqual([1, 2, 3, 9, 8, 7, 1, 2, 3]);
    const missing = handMade({ width: 3, height: 1, depth: 2, type: 3 }, [0, 0b11000100], [9, 8, 7, 1, 2, 3]);
    expect(() => readImage(missing, 'a.png')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.png: colour 3 is not in the palette]`,
    );
  });

  // 2 x 2: pass 1 holds (0,0), pass 6 (1,0), pass 7 the second line (PNG section 8.2).
  test('interlaced', () => {
    const file = handMade({ width: 2, height: 2, depth: 8, type: 0, interlace: 1 }, [0, 1, 0, 2, 0, 3, 4]);
    expect([...readImage(file, 'a.png').data]).toEqual([1, 2, 3, 4]);
  });

  test('damage', () => {
    const good = png(3, [1, 2, 3, 4, 5, 6]);
    for (let length = 0; length < good.length; length++) {
      expect(() => readImage(good.subarray(0, length), 'a.png')).toThrow(expect.objectContaining({ code: 'BAD_FILE' }));
    }
    const flipped = good.slice();
    flipped[45] = (flipped[45] as number) ^ 1;
    expect(() => readImage(flipped, 'a.png')).toThrow(expect.objectContaining({ code: 'BAD_FILE' }));
  });

  test('sizes are checked before memory is taken', () => {
    const huge = handMade({ width: 2 ** 31 - 1, height: 2 ** 31 - 1, depth: 8, type: 0 }, [0]);
    expect(() => readImage(huge, 'a.png')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.png: an image of 2147483647 x 2147483647 pixels is larger than the 25000000 pixels that are allowed. Reduce it first]`,
    );
    const lying = handMade({ width: 5000, height: 5000, depth: 8, type: 0 }, [0]);
    expect(() => readImage(lying, 'a.png')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.png: image data: 9 bytes cannot hold the 25005000 that are stated at offset 33]`,
    );
    const bomb = handMade({ width: 2, height: 1, depth: 8, type: 0 }, new Uint8Array(1_000_000));
    expect(() => readImage(bomb, 'a.png')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.png: image data: the data hold more than the 3 bytes that are stated at offset 33]`,
    );
    const short = handMade({ width: 2, height: 2, depth: 8, type: 0 }, [0, 1]);
    expect(() => readImage(short, 'a.png')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.png: image data: the data hold 2 bytes, 6 are stated at offset 33]`,
    );
  });

  test('header fields that do not exist', () => {
    expect(() =>
      readImage(handMade({ width: 1, height: 1, depth: 3, type: 0 }, [0, 0]), 'a.png'),
    ).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.png: colour type 0 with 3 bits does not exist in PNG at offset 16]`,
    );
    expect(() =>
      readImage(handMade({ width: 0, height: 1, depth: 8, type: 0 }, [0, 0]), 'a.png'),
    ).toThrowErrorMatchingInlineSnapshot(`[PathwiseError: a.png: an image of 0 x 1 pixels at offset 16]`);
  });
});

describe('JPEG', () => {
  const grey = new Uint8Array(16 * 8 * 4).fill(128);
  const good = new Uint8Array(encodeJpeg({ width: 16, height: 8, data: grey }, 90).data);

  test('a grey area stays grey', () => {
    const { width, height, data } = readImage(good, 'a.jpg');
    expect([width, height, data.length]).toEqual([16, 8, 16 * 8 * 3]);
    for (const value of data) expect(Math.abs(value - 128)).toBeLessThanOrEqual(2);
  });

  test('every truncation is an error', () => {
    for (let length = 2; length < good.length; length++) {
      expect(() => readImage(good.subarray(0, length), 'a.jpg')).toThrow(expect.objectContaining({ code: 'BAD_FILE' }));
    }
  });

  test('sizes are checked before memory is taken', () => {
    const frame = good.findIndex((byte, i) => byte === 0xff && good[i + 1] === 0xc0);
    const sized = (size: number): Uint8Array => {
      const copy = good.slice();
      copy.set([size >> 8, size & 255, size >> 8, size & 255], frame + 5);
      return copy;
    };
    expect(() => readImage(sized(65535), 'a.jpg')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.jpg: an image of 65535 x 65535 pixels is larger than the 25000000 pixels that are allowed. Reduce it first]`,
    );
    expect(() => readImage(sized(4000), 'a.jpg')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.jpg: 613 bytes cannot hold an image of 4000 x 4000 pixels at offset 0]`,
    );
  });

  test('one file cannot ask for endless work', () => {
    // The same scan a hundred thousand times over.
    const scan = good.findIndex((byte, i) => byte === 0xff && good[i + 1] === 0xda);
    const once = good.subarray(scan, good.length - 2);
    const copies = 100_000;
    const file = new Uint8Array(scan + copies * once.length + 2);
    file.set(good.subarray(0, scan));
    for (let k = 0; k < copies; k++) file.set(once, scan + k * once.length);
    file.set([0xff, 0xd9], file.length - 2);
    const frame = good.findIndex((byte, i) => byte === 0xff && good[i + 1] === 0xc0);
    file.set([8, 0, 8, 0], frame + 5);
    expect(() => readImage(file, 'a.jpg')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.jpg: 100000 scans of 196608 blocks are too much work]`,
    );
  });
});

test("limits are the caller's", () => {
  expect(() =>
    readImage(png(3, [1, 2, 3, 4, 5, 6]), 'a.png', { ...DEFAULT_LIMITS, maxPixels: 1 }),
  ).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.png: an image of 2 x 1 pixels is larger than the 1 pixels that are allowed. Reduce it first]`,
  );
});

test('another file', () => {
  expect(() => readImage(Uint8Array.of(71, 73, 70), 'a.png')).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.png: is neither a PNG nor a JPEG image at offset 0. Convert it]`,
  );
});
