import { describe, expect, test } from 'vitest';
import { zipSync } from 'fflate';
import { float32 } from '@pathwise/model';
import { DEFAULT_LIMITS } from './limits.ts';
import { writeNpy } from './npy.ts';
import { readNpz, writeNpz } from './npz.ts';

const arrays = { left: float32([2], [1, -2]), 'a/b': float32([1, 1, 1], [0.5]) };

test('what is written reads back', () => {
  expect(readNpz(writeNpz(arrays), 'a.npz')).toEqual(arrays);
});

test('equal content, equal bytes', () => {
  expect(writeNpz(arrays)).toEqual(writeNpz(arrays));
});

test('deflated archives, as numpy.savez_compressed writes them', () => {
  const big = float32([1000], new Float32Array(1000).fill(2));
  const bytes = zipSync({ 'x.npy': writeNpy(big) }, { level: 9 });
  expect(bytes.length).toBeLessThan(1000);
  expect(readNpz(bytes, 'a.npz')).toEqual({ x: big });
});

describe('hostile archives', () => {
  // 20 MB of zeros compress to 20 kB.
  const bomb = zipSync({ 'x.npy': new Uint8Array(20_000_000) }, { level: 9 });
  const patched = (at: (view: DataView) => void): Uint8Array => {
    const copy = bomb.slice();
    at(new DataView(copy.buffer));
    return copy;
  };
  const directory = (view: DataView): number => view.getUint32(view.byteLength - 6, true);

  test('a bomb over the limit is refused before it is unpacked', () => {
    expect(() => readNpz(bomb, 'a.npz', { ...DEFAULT_LIMITS, maxElements: 1000 })).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npz: its arrays take 20000000 bytes, more than is allowed]`,
    );
  });

  test('a bomb that lies about its size stops there', () => {
    const lying = patched((view) => view.setUint32(directory(view) + 24, 1000, true));
    expect(() => readNpz(lying, 'a.npz')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npz: "x.npy": the data hold more than the 1000 bytes that are stated at offset 35]`,
    );
  });

  test('a size that the data cannot hold takes no memory', () => {
    const lying = patched((view) => view.setUint32(directory(view) + 24, 1_000_000_000, true));
    expect(() => readNpz(lying, 'a.npz')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npz: "x.npy": 19532 bytes cannot hold the 1000000000 that are stated at offset 35]`,
    );
  });

  test('offsets beyond the file', () => {
    expect(() =>
      readNpz(
        patched((v) => v.setUint32(v.byteLength - 6, 0xfffffff0, true)),
        'a.npz',
      ),
    ).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npz: the zip directory lies beyond the end of the file at offset 4294967280]`,
    );
    expect(() =>
      readNpz(
        patched((v) => v.setUint32(directory(v) + 42, 0x0ffffff0, true)),
        'a.npz',
      ),
    ).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npz: "x.npy" lies beyond the end of the file at offset 268435440]`,
    );
    expect(() =>
      readNpz(
        patched((v) => v.setUint32(directory(v) + 20, 0x0ffffff0, true)),
        'a.npz',
      ),
    ).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npz: "x.npy" lies beyond the end of the file at offset 35]`,
    );
  });

  test('no archive, another content', () => {
    expect(() => readNpz(new Uint8Array(40), 'a.npz')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npz: is not a zip archive, or is cut off (no directory at its end) at offset 0]`,
    );
    expect(() => readNpz(zipSync({ 'a.txt': new Uint8Array(3) }), 'a.npz')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npz: "a.txt" is no .npy file at offset 35]`,
    );
  });
});
