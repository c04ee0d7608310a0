import { describe, expect, test } from 'vitest';
import { float32, toFloat64 } from '@pathwise/model';
import fc from 'fast-check';
import { readNpy, writeNpy } from './npy.ts';

/** A .npy file put together by hand from the format's description (NumPy NEP 1). */
function npy(descr: string, shape: string, data: Uint8Array, { fortran = false, version = 1 } = {}): Uint8Array {
  const header = new TextEncoder().encode(
    `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${shape}), }\n`,
  );
  const lengthBytes = version === 1 ? [header.length, 0] : [header.length, 0, 0, 0];
  return Uint8Array.from([0x93, ...new TextEncoder().encode('NUMPY'), version, 0, ...lengthBytes, ...header, ...data]);
}

const bytesOf = (array: { buffer: ArrayBufferLike }): Uint8Array => new Uint8Array(array.buffer.slice(0));

describe('element types', () => {
  // Values that each type holds exactly, with their extremes.
  test.each([
    ['<f4', Float32Array.of(1.5, -2, 3e38), 'float32'],
    ['<f8', Float64Array.of(1.1, -2, 1e300), 'float64'],
    ['|i1', Int8Array.of(-128, 0, 127), 'int8'],
    ['<i2', Int16Array.of(-32768, 1, 32767), 'int16'],
    ['<i4', Int32Array.of(-(2 ** 31), 1, 2 ** 31 - 1), 'int32'],
    ['|u1', Uint8Array.of(0, 1, 255), 'uint8'],
    ['<u2', Uint16Array.of(0, 1, 65535), 'uint16'],
    ['<u4', Uint32Array.of(0, 1, 2 ** 32 - 1), 'uint32'],
  ])('%s', (descr, values, dtype) => {
    const read = readNpy(npy(descr, '3,', bytesOf(values)), 'a.npy');
    expect(read.dtype).toBe(dtype);
    expect(read.shape).toEqual([3]);
    expect([...toFloat64(read.data)]).toEqual([...values]);
  });

  test('64-bit integers keep all digits', () => {
    const values = BigInt64Array.of(-(2n ** 63n), 2n ** 53n + 1n);
    expect([...readNpy(npy('<i8', '2', bytesOf(values)), 'a.npy').data]).toEqual([...values]);
  });

  // Bit patterns of IEEE 754 binary16: 1, -2, largest, smallest subnormal, infinity.
  test('float16 is widened', () => {
    const bits = Uint16Array.of(0x3c00, 0xc000, 0x7bff, 0x0001, 0x7c00);
    expect([...readNpy(npy('<f2', '5', bytesOf(bits)), 'a.npy').data]).toEqual([1, -2, 65504, 2 ** -24, Infinity]);
  });

  test('booleans are 0 or 1', () => {
    expect(readNpy(npy('|b1', '3', Uint8Array.of(0, 1, 7)), 'a.npy')).toMatchObject({ dtype: 'bool', data: { 2: 1 } });
  });

  test('big-endian', () => {
    expect([...readNpy(npy('>f4', '1', Uint8Array.of(0x3f, 0xc0, 0, 0)), 'a.npy').data]).toEqual([1.5]);
    expect([...readNpy(npy('>i8', '1', Uint8Array.of(0, 0, 0, 0, 0, 0, 1, 2)), 'a.npy').data]).toEqual([258n]);
  });
});

test('Fortran order: the first index runs fastest', () => {
  // Element [i,j,k] holds 100 i + 10 j + k.
  const stored: number[] = [];
  for (let k = 0; k < 2; k++) for (let j = 0; j < 3; j++) for (let i = 0; i < 2; i++) stored.push(100 * i + 10 * j + k);
  const { data } = readNpy(npy('|u1', '2, 3, 2', Uint8Array.from(stored), { fortran: true }), 'a.npy');
  expect([...data]).toEqual([0, 1, 10, 11, 20, 21, 100, 101, 110, 111, 120, 121]);
});

test.each([1, 2, 3])('version %i', (version) => {
  expect(readNpy(npy('|u1', '2, 1', Uint8Array.of(4, 5), { version }), 'a.npy').shape).toEqual([2, 1]);
});

test.each([
  ['scalar', '', [], 1],
  ['no elements', '0, 3', [0, 3], 0],
])('%s', (_, text, shape, count) => {
  expect(readNpy(npy('|u1', text, new Uint8Array(count)), 'a.npy').shape).toEqual(shape);
});

test('what is written reads back, data aligned to 64 bytes', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(4), { maxLength: 5 }), (shape) => {
      const size = shape.reduce((a, b) => a * b, 1);
      const tensor = float32(
        shape,
        Float32Array.from({ length: size }, (_, i) => i / 3 - 1),
      );
      const bytes = writeNpy(tensor);
      expect(readNpy(bytes, 'a.npy')).toEqual(tensor);
      expect((bytes.length - 4 * size) % 64).toBe(0);
    }),
  );
});

describe('damaged files', () => {
  const good = writeNpy(float32([2, 2], [1, 2, 3, 4]));
  const header = (from: string, to: string): Uint8Array =>
    Uint8Array.from(new TextDecoder('latin1').decode(good).replace(from, to), (c) => c.charCodeAt(0));

  test('every truncation is an error', () => {
    for (let length = 0; length < good.length; length++) {
      expect(() => readNpy(good.subarray(0, length), 'a.npy')).toThrow(expect.objectContaining({ code: 'BAD_FILE' }));
    }
  });

  test('messages', () => {
    expect(() => readNpy(Uint8Array.of(1, 2, 3), 'a.npy')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npy: is not a .npy file (it does not start with the NumPy signature) at offset 0]`,
    );
    expect(() => readNpy(header('<f4', '<c8'), 'a.npy')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npy: elements of type "<c8" are not supported at offset 0. Save as float16, float32, float64, an integer type or bool]`,
    );
    expect(() => readNpy(header('(2, 2)', '(9, 2)'), 'a.npy')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npy: shape [9,2] of "<f4" needs 72 bytes of data, the file has 16 at offset 128]`,
    );
    expect(() => readNpy(header('(2, 2)', '(-2,2)'), 'a.npy')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npy: the header has no "shape" at offset 10]`,
    );
    expect(() => readNpy(header('(2, 2), }  ', '(99999999999)'), 'a.npy')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npy: an array of shape [99999999999] has more than the 134217728 elements that are allowed]`,
    );
    expect(() => readNpy(Uint8Array.from([...good, 0]), 'a.npy')).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: a.npy: shape [2,2] of "<f4" needs 16 bytes of data, the file has 17 at offset 128]`,
    );
  });
});

test('a Node Buffer that is a window of a larger pool', () => {
  const file = writeNpy(float32([2], [1.5, -2]));
  const pool = Buffer.alloc(file.length + 64, 0xff);
  pool.set(file, 40);
  expect(readNpy(pool.subarray(40, 40 + file.length), 'a.npy').data).toBeClose([1.5, -2]);
});
