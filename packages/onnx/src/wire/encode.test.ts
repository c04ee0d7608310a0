import { expect, test } from 'vitest';
import { defaultLimits } from '../limits.ts';
import { Decoder } from './decode.ts';
import { encode } from './encode.ts';
import { tensorType } from './messages.ts';

test('64-bit integers: those beyond float64 are brought to the ends of the range, which decode to 2^63 rounded', () => {
  const dims = [0, 1, -1, 2 ** 53, -(2 ** 53) - 2, 2 ** 63, -(2 ** 63), 1e30, -Infinity];
  const bytes = encode(tensorType, { dims, name: 'ends' });
  const read = new Decoder(bytes, 'test', defaultLimits).decode(tensorType);
  expect(read.dims).toEqual([0, 1, -1, 2 ** 53, -(2 ** 53) - 2, 2 ** 63, -(2 ** 63), 2 ** 63, -(2 ** 63)]);
  expect(read.name).toBe('ends');
});

test('the bytes are those of the protobuf encoding', () => {
  // Field 1 (varint) 150 = 08 96 01; field 8 (length-delimited) "testing" = 42 07 74 65 73 74 69 6e 67.
  // Source: protobuf.dev, "Encoding" (the same values, there in fields 1 and 2).
  expect([...encode(tensorType, { dims: [150], name: 'testing' })]).toEqual([
    0x08, 0x96, 0x01, 0x42, 0x07, 0x74, 0x65, 0x73, 0x74, 0x69, 0x6e, 0x67,
  ]);
});
