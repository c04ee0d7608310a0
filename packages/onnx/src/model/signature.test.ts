import { describe, expect, test } from 'vitest';
import type { Shape } from '@pathwise/model';
import { counting, ELEMENT, modelFile, node, tensorDraft, value, type Draft } from '../../test/encode.ts';
import { readOnnx, type OnnxOptions } from '../index.ts';

const open = (inputs: readonly Draft[], options: OnnxOptions = {}) =>
  readOnnx(
    modelFile({
      inputs,
      nodes: inputs.map((input) => node('Identity', [input['name'] as string], [`${String(input['name'])}_out`])),
      outputs: inputs.map((input) => value(`${String(input['name'])}_out`, null)),
    }),
    options,
  );

type Sizes = readonly (number | string | null)[];

describe('batch axis', () => {
  test.each<[string, Sizes, boolean]>([
    ['symbolic first size', ['batch', 3], true],
    ['symbol of any name', ['dynamic', 3], true],
    ['first size left open', [null, 3], true],
    ['first size 1', [1, 3, 8, 8], true],
    ['fixed size', [4, 3], false],
    ['batch elsewhere', ['seq', 'batch', 8], false],
    ['batch elsewhere, first 1', [1, 'N', 8], false],
    ['batch first, also elsewhere', ['N', 'batch_size'], true],
    ['scalar', [], false],
  ])('%s', (_, shape, batched) => {
    expect(open([value('x', shape)]).inputs[0]?.batched).toBe(batched);
  });

  test('a symbol that is the size of another axis is no batch', () => {
    const { inputs } = open([value('ids', ['N', 'seq']), value('mask', ['seq', 'seq'])]);
    expect(inputs.map((input) => input.batched)).toEqual([true, false]);
  });

  test('the caller may say it', () => {
    expect(open([value('x', [1, 3])], { batched: false }).inputs[0]?.batched).toBe(false);
    const { inputs } = open([value('x', [4, 3]), value('y', [1, 3])], { batched: { x: true } });
    expect(inputs.map((input) => [input.batched, input.shape])).toEqual([
      [true, ['batch', 3]],
      [true, ['batch', 3]],
    ]);
    expect(() => open([value('x', [])], { batched: true })).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: model.onnx: readOnnx: expected false for a scalar for batched of input "x", got true]`,
    );
  });
});

describe('sizes', () => {
  const shapesOf = (
    inputs: readonly Draft[],
    given: Record<string, Shape>,
    options: OnnxOptions = {},
  ): Record<string, Shape> => {
    const graph = open(inputs, options).graph(given);
    return Object.fromEntries(graph.inputs.map((name) => [name, graph.types.get(name)!.shape]));
  };

  test('symbols take the sizes that are given, in all inputs', () => {
    const inputs = [value('x', ['batch', 'seq']), value('mask', ['batch', 1, 'seq']), value('table', ['seq', 4])];
    expect(shapesOf(inputs, { x: [1, 7] })).toEqual({ x: [1, 7], mask: [1, 1, 7], table: [7, 4] });
    expect(shapesOf([value('x', ['batch', 3])], {})).toEqual({ x: [1, 3] });
  });

  test('what is missing or contradicts is said', () => {
    const inputs = [value('x', ['batch', 'seq', 8]), value('y', ['batch', 'seq'])];
    const message = (given: Record<string, Shape>): string => {
      try {
        shapesOf(inputs, given);
        return 'nothing was thrown';
      } catch (error) {
        return (error as Error).message;
      }
    };
    expect(message({})).toMatchInlineSnapshot(
      `"model.onnx: input "x": size seq of axis 1 is not known. Pass the shape of this input, [batch,seq,8] with numbers"`,
    );
    expect(message({ x: [1, 5, 9] })).toMatchInlineSnapshot(
      `"model.onnx: graph: expected shape [1,seq,8] for input "x", got [1,5,9]"`,
    );
    expect(message({ x: [1, 5] })).toMatchInlineSnapshot(
      `"model.onnx: graph: expected shape [1,seq,8] for input "x", got [1,5]"`,
    );
    expect(message({ x: [1, 5, 8], y: [1, 6] })).toMatchInlineSnapshot(
      `"model.onnx: graph: expected shape [1,seq] for input "y", got [1,6]. The size seq is 5 elsewhere: it must be the same in all inputs"`,
    );
    expect(message({ x: [2, 5, 8] })).toMatch('got [2,5,8]');
    expect(message({ x: [1, -5, 8] })).toMatch('got [1,-5,8]');
    expect(message({ x: [1, 2 ** 40, 8] })).toMatch('limits.tensorElements');
    expect(message({ z: [1] })).toMatchInlineSnapshot(
      `"model.onnx: graph: expected inputs of the model ("x", "y") for the names of shapes, got "z""`,
    );
  });

  test('without a batch axis the given shape is the whole', () => {
    expect(shapesOf([value('x', ['n', 3])], { x: [5, 3] }, { batched: false })).toEqual({ x: [5, 3] });
  });

  test('an input without a shape takes the given one', () => {
    expect(shapesOf([value('x', null)], { x: [1, 2, 3] })).toEqual({ x: [1, 2, 3] });
    expect(() => shapesOf([value('x', null)], {})).toThrow('the file does not declare its shape');
  });

  test('sizes -1 of old exporters are unknown sizes', () => {
    expect(open([value('x', [-1, 3])]).inputs[0]).toMatchObject({ batched: true, shape: ['x_axis_0', 3] });
    expect(() => open([value('x', [-2, 3])])).toThrow('negative');
  });
});

describe('inputs', () => {
  test('those that are initializers too are constants (IR version 3)', () => {
    const file = modelFile({
      irVersion: 3,
      inputs: [value('x', ['N', 2]), value('w', [2])],
      initializers: [tensorDraft('w', counting([2]))],
      nodes: [node('Add', ['x', 'w'], ['y'])],
      outputs: [value('y', ['N', 2])],
    });
    const source = readOnnx(file);
    expect(source.inputs.map((input) => input.name)).toEqual(['x']);
    expect(source.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: ['N', 2] }]);
    expect(source.graph({}).constants.get('w')?.data).toEqual(Float32Array.of(0, 1));
  });

  test('some may be given as constants', () => {
    const inputs = [value('x', ['N', 2]), value('w', [2])];
    const source = open(inputs, { constants: { w: counting([2]) } });
    expect(source.inputs.map((input) => input.name)).toEqual(['x']);
    expect(source.graph({}).constants.has('w')).toBe(true);
    expect(() => open(inputs, { constants: { v: counting([2]) } })).toThrow('inputs (x, w)');
  });

  test('types that graphs do not have are refused by name', () => {
    expect(() => open([value('x', [1], ELEMENT.string)])).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: model.onnx: input "x": element type string is not supported (at offset 50)]`,
    );
    const sequence = { name: 'x', type: { sequence: new Uint8Array(0) } };
    expect(() => open([sequence])).toThrow('input "x" is a sequence; only tensors are supported');
    expect(open([value('x', [1], ELEMENT.bfloat16)]).inputs[0]?.dtype).toBe('float32');
  });
});
