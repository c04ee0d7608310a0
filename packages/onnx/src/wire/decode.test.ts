import { describe, expect, test } from 'vitest';
import { PathwiseError } from '@pathwise/model';
import { defaultLimits } from '../limits.ts';
import { Decoder } from './decode.ts';
import { modelType } from './messages.ts';

const decode = (bytes: number[], limits = {}) =>
  new Decoder(Uint8Array.from(bytes), 'm.onnx', { ...defaultLimits, ...limits }).decode(modelType);

function errorOf(run: () => unknown): PathwiseError {
  try {
    run();
  } catch (error) {
    if (error instanceof PathwiseError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}

// Bytes by hand from the protobuf encoding: tag = number << 3 | wire type.
describe('protobuf messages', () => {
  test('fields are found by number; absent ones are undefined or empty', () => {
    // 1: ir_version = 8 (varint); 2: producer = "ab"; 7: graph { 2: name = "g" }
    const model = decode([0x08, 8, 0x12, 2, 0x61, 0x62, 0x3a, 3, 0x12, 1, 0x67]);
    expect(model.irVersion).toBe(8);
    expect(model.producer).toBe('ab');
    expect(model.graph?.name).toBe('g');
    expect(model.graph?.nodes).toEqual([]);
    expect([model.graph?.start, model.graph?.end]).toEqual([8, 11]);
    expect(decode([]).graph).toBeUndefined();
  });

  test('unknown fields of any wire type are skipped', () => {
    // 99 as varint, 64-bit, length-delimited, 32-bit; then ir_version = 3.
    const unknown = [0x98, 6, 1, 0x99, 6, 1, 2, 3, 4, 5, 6, 7, 8, 0x9a, 6, 1, 9, 0x9d, 6, 1, 2, 3, 4];
    expect(decode([...unknown, 0x08, 3]).irVersion).toBe(3);
  });

  test('lists of numbers may be packed or not', () => {
    const attribute = (bytes: number[]) => {
      const node = [0x2a, bytes.length, ...bytes];
      const graph = [0x0a, node.length, ...node];
      return decode([0x3a, graph.length, ...graph]).graph?.nodes[0]?.attributes[0]?.ints;
    };
    expect(attribute([0x40, 1, 0x40, 2])).toEqual([1, 2]);
    expect(attribute([0x42, 2, 1, 2])).toEqual([1, 2]);
    // -1 takes ten bytes.
    expect(attribute([0x40, ...new Array<number>(9).fill(0xff), 1])).toEqual([-1]);
  });

  test('errors give the offset of the field', () => {
    expect(errorOf(() => decode([0x08, 8, 0x3a, 100, 1])).message).toMatchInlineSnapshot(
      `"m.onnx: not a well-formed model (it ends too early) at offset 2. The file is damaged, truncated or not an ONNX model"`,
    );
    expect(errorOf(() => decode([0x3a, 2, 0x08, 1])).message).toMatchInlineSnapshot(
      `"m.onnx: not a well-formed graph (field nodes has wire type 0, expected 2) at offset 2. The file is damaged, truncated or not an ONNX model"`,
    );
    expect(errorOf(() => decode([0x07])).place).toEqual({ file: 'm.onnx', offset: 0 });
  });

  test('limits hold', () => {
    const graphs = [0x3a, 2, 0x12, 0];
    expect(errorOf(() => decode([...graphs, ...graphs], { messages: 2 })).message).toMatchInlineSnapshot(
      `"m.onnx: more than 2 messages: the limit is 2. If the file is to be trusted, raise the option limits.messages"`,
    );
    expect(errorOf(() => decode(graphs, { depth: 0 })).code).toBe('LIMIT_EXCEEDED');
    const opsets = [0x42, 0, 0x42, 0, 0x42, 0];
    expect(errorOf(() => decode(opsets, { listElements: 2 })).code).toBe('LIMIT_EXCEEDED');
  });
});
