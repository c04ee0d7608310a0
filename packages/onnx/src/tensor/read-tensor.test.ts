import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { describe, expect, test } from 'vitest';
import { PathwiseError, type Tensor } from '@pathwise/model';
import { ELEMENT, encode, type Draft } from '../../test/encode.ts';
import { defaultLimits } from '../limits.ts';
import { Decoder } from '../wire/decode.ts';
import { tensorType } from '../wire/messages.ts';
import { readTensor, type TensorContext } from './read-tensor.ts';

function read(draft: Draft, options: Partial<TensorContext> = {}, pad = 0): Tensor {
  const message = encode(tensorType, { name: 'w', ...draft });
  const file = new Uint8Array(pad + message.length);
  file.set(message, pad);
  const proto = new Decoder(file, 'm', defaultLimits).decode(tensorType, pad);
  return readTensor(proto, { file, limits: defaultLimits, externalData: undefined, ...options });
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof PathwiseError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return 'nothing was thrown';
}

const raw = (...bytes: number[]): Uint8Array => Uint8Array.from(bytes);

// Bit patterns from IEEE 754 and the definition of bfloat16 (upper half of a float32).
describe('element types in raw data', () => {
  test.each<[keyof typeof ELEMENT, Uint8Array, string, number[]]>([
    ['float32', raw(0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0), 'float32', [1, -2]],
    ['float64', raw(0, 0, 0, 0, 0, 0, 0xf8, 0x3f), 'float64', [1.5]],
    ['float16', raw(0, 0x3c, 0, 0xc0, 1, 0, 0, 0x7c, 0xff, 0x7b), 'float32', [1, -2, 2 ** -24, Infinity, 65504]],
    ['bfloat16', raw(0x80, 0x3f, 0x20, 0xc1), 'float32', [1, -10]],
    ['int8', raw(1, 0xff), 'int8', [1, -1]],
    ['uint8', raw(1, 0xff), 'uint8', [1, 255]],
    ['int16', raw(0, 0x80), 'int16', [-32768]],
    ['uint16', raw(0, 0x80), 'uint16', [32768]],
    ['int32', raw(0xff, 0xff, 0xff, 0xff), 'int32', [-1]],
    ['uint32', raw(0xff, 0xff, 0xff, 0xff), 'uint32', [4294967295]],
    ['int64', raw(254, 255, 255, 255, 255, 255, 255, 255), 'int64', [-2]],
    ['uint64', raw(2, 0, 0, 0, 0, 0, 0, 0), 'uint64', [2]],
    ['bool', raw(0, 1, 7), 'bool', [0, 1, 1]],
  ])('%s', (type, rawData, dtype, expected) => {
    const bytes = { float64: 8, int64: 8, uint64: 8, float32: 4, int32: 4, uint32: 4, int8: 1, uint8: 1, bool: 1 };
    const size = bytes[type as keyof typeof bytes] ?? 2;
    // Any alignment in the file.
    for (let pad = 0; pad < 8; pad++) {
      const t = read({ dataType: ELEMENT[type], dims: [rawData.length / size], rawData }, {}, pad);
      expect(t.dtype).toBe(dtype);
      expect(Array.from(t.data, Number)).toEqual(expected);
    }
  });

  test('aligned data are views of the file', () => {
    const views = [0, 1, 2, 3].map((pad) =>
      read({ dataType: 1, dims: [2], rawData: raw(0, 0, 128, 63, 0, 0, 0, 0) }, {}, pad),
    );
    expect(views.filter((t) => t.data.buffer.byteLength > 8)).toHaveLength(1);
    expect(read({ dataType: 3, dims: [1], rawData: raw(5) }).data.buffer.byteLength).toBeGreaterThan(1);
  });

  test('types that graphs do not have are refused by name', () => {
    expect(messageOf(() => read({ dataType: ELEMENT.int4, dims: [2], rawData: raw(1) }))).toMatchInlineSnapshot(
      `"UNSUPPORTED_OP: tensor "w": element type int4 is not supported"`,
    );
    expect(messageOf(() => read({ dataType: ELEMENT.float8, dims: [1] }))).toMatch('float8e4m3fn is not supported');
    expect(messageOf(() => read({ dataType: ELEMENT.string, dims: [1] }))).toMatch('string is not supported');
    expect(messageOf(() => read({ dataType: 14, dims: [1] }))).toMatch('complex64 is not supported');
    expect(messageOf(() => read({ dataType: 77, dims: [1] }))).toMatch('type 77 is not supported');
    expect(messageOf(() => read({ dims: [1] }))).toMatch('undefined is not supported');
  });
});

describe('typed data', () => {
  const packed = (field: number, write: (w: BinaryWriter) => void): Uint8Array => {
    const inner = new BinaryWriter();
    write(inner);
    return new BinaryWriter().tag(field, 2).bytes(inner.finish()).finish();
  };

  test.each<[keyof typeof ELEMENT, number[], Uint8Array]>([
    ['float32', [0.5, -1], packed(4, (w) => w.float(0.5).float(-1))],
    ['float32', [0.5, -1], new BinaryWriter().tag(4, 5).float(0.5).tag(4, 5).float(-1).finish()],
    ['float64', [0.1], packed(10, (w) => w.double(0.1))],
    ['int32', [-7, 7], packed(5, (w) => w.int32(-7).int32(7))],
    ['int8', [-7], packed(5, (w) => w.int32(-7))],
    ['uint8', [200], packed(5, (w) => w.int32(200))],
    ['bool', [1, 0], packed(5, (w) => w.int32(1).int32(0))],
    ['float16', [1, -2], packed(5, (w) => w.int32(0x3c00).int32(0xc000))],
    ['bfloat16', [1], packed(5, (w) => w.int32(0x3f80))],
    ['int64', [-(2 ** 40)], packed(7, (w) => w.int64(-(2 ** 40)))],
    ['uint32', [4294967295], packed(11, (w) => w.uint64(4294967295))],
    ['uint64', [5], packed(11, (w) => w.uint64(5))],
  ])('%s %j', (type, expected, extra) => {
    const t = read({ dataType: ELEMENT[type], dims: [expected.length], extra });
    expect(Array.from(t.data, Number)).toEqual(expected);
  });

  test('the number of elements must be that of the shape', () => {
    const extra = packed(4, (w) => w.float(1).float(2));
    expect(messageOf(() => read({ dataType: 1, dims: [3], extra }))).toMatchInlineSnapshot(
      `"BAD_FILE: tensor "w": shape [3] needs 3 elements, its data have 2"`,
    );
    expect(messageOf(() => read({ dataType: 1, dims: [], extra }))).toMatch('needs 1 elements, its data have more');
    expect(messageOf(() => read({ dataType: 1, dims: [1], extra: raw(0x22, 2, 1, 1) }))).toMatch('a cut one');
  });
});

describe('sizes', () => {
  test('raw data must fill the shape exactly', () => {
    expect(messageOf(() => read({ dataType: 1, dims: [2, 3], rawData: raw(1, 2, 3, 4) }))).toMatchInlineSnapshot(
      `"BAD_FILE: tensor "w": shape [2,3] needs 24 bytes, its data have 4"`,
    );
    expect(read({ dataType: 1, dims: [0, 3], rawData: raw() }).shape).toEqual([0, 3]);
  });

  test('no memory is taken for a shape that the data cannot fill', () => {
    expect(messageOf(() => read({ dataType: 1, dims: [2 ** 30] }))).toMatch(
      'needs 1073741824 elements, its data have fewer',
    );
    expect(messageOf(() => read({ dataType: 1, dims: [2 ** 31, 2 ** 31] }))).toMatch('LIMIT_EXCEEDED');
    expect(messageOf(() => read({ dataType: 1, dims: [2 ** 52, 2 ** 52, 0] }))).toMatch('LIMIT_EXCEEDED');
    expect(messageOf(() => read({ dataType: 1, dims: [-1] }))).toMatch('is negative');
  });
});

describe('external data', () => {
  const external = (entries: Record<string, string>): Draft => ({
    dataType: 3,
    dims: [2],
    dataLocation: 1,
    externalData: Object.entries(entries).map(([key, value]) => ({ key, value })),
  });
  const externalData = (location: string): Uint8Array => (location === 'a/weights.bin' ? raw(1, 2, 3, 4) : raw());

  test('bytes of another file, by offset and length', () => {
    const t = read(external({ location: 'a/weights.bin', offset: '1', length: '2' }), { externalData });
    expect([...t.data]).toEqual([2, 3]);
    expect([...read(external({ location: 'a/weights.bin' }), { externalData }).data]).toEqual([1, 2]);
  });

  test('what is wrong is said', () => {
    expect(messageOf(() => read(external({ location: 'a/weights.bin' })))).toMatchInlineSnapshot(
      `"BAD_FILE: tensor "w": its data lie in another file, "a/weights.bin". Give the option externalData, which returns the bytes of that file"`,
    );
    expect(
      messageOf(() => read(external({ location: 'a/weights.bin', offset: '3' }), { externalData })),
    ).toMatchInlineSnapshot(`"BAD_FILE: tensor "w": bytes 3 to 5 of "a/weights.bin" are asked for, which has 4"`);
    expect(messageOf(() => read(external({ location: 'a', length: '3' }), { externalData }))).toMatch('needs 2 bytes');
    expect(messageOf(() => read(external({ location: 'a', offset: '-3' }), { externalData }))).toMatch(
      'offset of external data is "-3"',
    );
    expect(messageOf(() => read(external({}), { externalData }))).toMatch('no location');
  });

  test.each(['/etc/passwd', '../x', 'a/../../x', 'C:\\x', 'a\\x', 'http://x/y', 'file:x', 'a//x', 'a/\0x', './..'])(
    'the path %j leaves the folder',
    (location) => {
      expect(messageOf(() => read(external({ location }), { externalData }))).toMatch('not a path inside');
    },
  );
});
