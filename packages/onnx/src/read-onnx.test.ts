import { describe, expect, test } from 'vitest';
import { float32, int64 } from '@pathwise/model';
import { counting, modelFile, node, tensorDraft, value, type Draft } from '../test/encode.ts';
import { runFile } from '../test/run.ts';
import { externalLocations, readOnnx, unsupported } from './index.ts';

const graphOf = (bytes: Uint8Array) => readOnnx(bytes, { name: 'm.onnx' }).graph({});

describe('names', () => {
  test('every tensor that the outputs depend on keeps its name', () => {
    const graph = graphOf(
      modelFile({
        inputs: [value('x', ['N', 2])],
        initializers: [tensorDraft('w', counting([2]))],
        nodes: [
          node('Identity', ['w'], ['w2']),
          node('Add', ['x', 'w2'], ['a']),
          node('Identity', ['a'], ['b']),
          node('Identity', ['b'], ['c']),
          node('Relu', ['c'], ['y']),
        ],
        outputs: [value('y', null)],
      }),
    );
    expect([...graph.types.keys()]).toEqual(['x', 'w', 'w2', 'a', 'b', 'c', 'y']);
    // The second name of a weight costs nothing.
    expect(graph.constants.get('w2')).toBe(graph.constants.get('w'));
  });

  test('names that the builder would choose itself stay free for the file', async () => {
    const bytes = modelFile({
      opset: 9,
      inputs: [value('x', [1, 3])],
      initializers: [tensorDraft('const_0', float32([], [5]))],
      nodes: [
        node('Slice', ['x'], ['const_1'], { starts: [1], ends: [3], axes: [1] }, { name: 'Slice_0' }),
        node('Add', ['const_1', 'const_0'], ['Slice_0'], {}, { name: 'Slice_0' }),
      ],
      outputs: [value('Slice_0', null)],
    });
    expect((await runFile(bytes, { x: counting([1, 3]) }))['Slice_0']?.data).toBeClose([6, 7]);
  });

  test('outputs may be inputs or weights', () => {
    const graph = graphOf(
      modelFile({
        inputs: [value('x', [1, 2])],
        initializers: [tensorDraft('w', counting([2]))],
        outputs: [value('x', null), value('w', null)],
      }),
    );
    expect([graph.outputs, graph.nodes]).toEqual([['x', 'w'], []]);
  });

  test('nodes without a name are called after their output', () => {
    const graph = graphOf(
      modelFile({
        inputs: [value('x', [1, 2])],
        nodes: [node('Relu', ['x'], ['y'], {}, { name: '' })],
        outputs: [value('y', null)],
      }),
    );
    expect(graph.nodes[0]?.name).toBe('y');
  });
});

describe('what does not depend on the inputs is computed while reading', () => {
  test('shape computations vanish', () => {
    const graph = graphOf(
      modelFile({
        inputs: [value('x', ['N', 3, 4])],
        initializers: [
          tensorDraft('zero', int64([], [0])),
          tensorDraft('rest', int64([1], [-1])),
          tensorDraft('axis', int64([1], [0])),
        ],
        nodes: [
          node('Shape', ['x'], ['shape']),
          node('Gather', ['shape', 'zero'], ['rows']),
          node('Unsqueeze', ['rows', 'axis'], ['rows1']),
          node('Concat', ['rows1', 'rest'], ['flat'], { axis: 0 }),
          node('Reshape', ['x', 'flat'], ['y']),
        ],
        outputs: [value('y', null)],
      }),
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Reshape']);
    expect(graph.types.get('y')?.shape).toEqual([1, 12]);
  });

  test("the exporter's as_strided becomes one Gather", async () => {
    // torch.as_strided(x, (2, 2), (2, 1), 1): storage offset + sum of index * stride, computed by ops on constants.
    const bytes = modelFile({
      inputs: [value('x', [1, 6])],
      initializers: [
        tensorDraft('flat', int64([1], [-1])),
        tensorDraft('two', int64([], [2])),
        tensorDraft('zero', int64([], [0])),
        tensorDraft('one', int64([], [1])),
        tensorDraft('column', int64([2], [2, 1])),
        tensorDraft('row', int64([2], [1, 2])),
      ],
      nodes: [
        node('Range', ['zero', 'two', 'one'], ['steps']),
        node('Mul', ['steps', 'two'], ['down']),
        node('Reshape', ['down', 'column'], ['downColumn']),
        node('Reshape', ['steps', 'row'], ['across']),
        node('Add', ['downColumn', 'across'], ['grid']),
        node('Add', ['grid', 'one'], ['index']),
        node('Reshape', ['x', 'flat'], ['storage']),
        node('Gather', ['storage', 'index'], ['y']),
      ],
      outputs: [value('y', null)],
    });
    expect(graphOf(bytes).nodes.map(({ op }) => op)).toEqual(['Reshape', 'Gather']);
    expect((await runFile(bytes, { x: counting([1, 6]) }))['y']?.data).toBeClose([1, 2, 3, 4]);
  });

  test('but no more than the limit allows', () => {
    const grow = (shape: readonly number[]): Draft[] => [
      node('ConstantOfShape', ['shape'], ['big']),
      node('ReduceSum', ['big'], ['sum'], { keepdims: 0 }),
      node('Add', ['x', 'sum'], ['y']),
      ...(shape.length === 0 ? [node('Neg', ['x'], ['unused'])] : []),
    ];
    const bytes = modelFile({
      inputs: [value('x', [1, 2])],
      initializers: [tensorDraft('shape', int64([2], [4096, 4096]))],
      nodes: grow([1]),
      outputs: [value('y', null)],
    });
    const graph = readOnnx(bytes, { limits: { foldedElements: 1000 } }).graph({});
    expect(graph.nodes.map(({ op }) => op)).toEqual(['ConstantOfShape', 'ReduceSum', 'Add']);
  });

  test('nodes that no output depends on are left out', () => {
    const graph = graphOf(
      modelFile({
        inputs: [value('x', [1, 2])],
        nodes: [node('NonMaxSuppression', ['x', 'x'], ['boxes']), node('Relu', ['x'], ['y'])],
        outputs: [value('y', null)],
      }),
    );
    expect(graph.nodes.map(({ op }) => op)).toEqual(['Relu']);
  });
});

describe('errors', () => {
  const message = (bytes: Uint8Array): string => {
    try {
      graphOf(bytes);
      return 'nothing was thrown';
    } catch (error) {
      return (error as Error).message;
    }
  };
  const file = (nodes: Draft[], more: Parameters<typeof modelFile>[0] = {}): Uint8Array =>
    modelFile({ inputs: [value('x', [1, 2])], outputs: [value('y', null)], nodes, ...more });

  test('ops, attributes and domains that are not supported', () => {
    expect(message(file([node('Det', ['x'], ['y'])]))).toMatchInlineSnapshot(
      `"m.onnx: node "Det:y" (Det): this op is not supported"`,
    );
    expect(message(file([node('Relu', ['x'], ['y'], { slope: 1 })]))).toMatchInlineSnapshot(
      `"m.onnx: node "Relu:y" (Relu): attribute slope is not supported; supported: none"`,
    );
    expect(message(file([node('Scaler', ['x'], ['y'], {}, { domain: 'ai.onnx.ml' })]))).toMatchInlineSnapshot(
      `"m.onnx: node "Scaler:y" (Scaler): the domain "ai.onnx.ml" is not supported"`,
    );
    expect(message(file([node('Cast', ['x'], ['y'], { to: 17 })]))).toMatchInlineSnapshot(
      `"m.onnx: node "Cast:y" (Cast): element type float8e4m3fn is not supported"`,
    );
    expect(message(file([node('Relu', ['x'], ['y'])], { opset: 99 }))).toMatchInlineSnapshot(
      `"m.onnx: the model uses operator set 99; known are 1 to 28. Export it with an older opset (at offset 66)"`,
    );
  });

  test('names that are not defined, defined twice, or circular', () => {
    expect(message(file([node('Relu', ['q'], ['y'])]))).toMatchInlineSnapshot(
      `"m.onnx: node "Relu:y" (Relu) reads tensor "q", which nothing defines"`,
    );
    expect(message(file([node('Relu', ['y'], ['h']), node('Relu', ['h'], ['y'])]))).toMatchInlineSnapshot(
      `"m.onnx: node "Relu:h" (Relu) reads tensor "y", which only node "Relu:y" (Relu) computes, at or after it: the nodes are not sorted, or they form a cycle"`,
    );
    expect(message(file([node('Relu', ['x'], ['y']), node('Relu', ['x'], ['y'])]))).toMatchInlineSnapshot(
      `"m.onnx: tensor "y" (output of node "Relu:y" (Relu)) is defined twice"`,
    );
    expect(message(file([]))).toMatchInlineSnapshot(
      `"m.onnx: the list of outputs reads tensor "y", which nothing defines"`,
    );
    const twice = { initializers: [tensorDraft('w', counting([2])), tensorDraft('w', counting([2]))] };
    expect(message(file([node('Relu', ['x'], ['y'])], twice))).toMatch('tensor "w" (initializer) is defined twice');
    const inputs = [value('x', [1, 2]), value('x', [1, 2])];
    expect(message(file([node('Relu', ['x'], ['y'])], { inputs }))).toMatch('tensor "x" (input) is defined twice');
  });

  test('operands that do not fit, and attributes given twice', () => {
    expect(message(file([node('Add', ['x'], ['y'])]))).toMatch('node "Add:y" (Add): expected 2 inputs');
    const attributes = [1, 2].map(() => ({ name: 'axis', type: 2, int: 1 }));
    expect(message(file([node('Softmax', ['x'], ['y'], {}, { attributes })]))).toMatch('attribute axis is given twice');
  });

  test('files that are no models', () => {
    expect(message(new Uint8Array(0))).toMatchInlineSnapshot(`"m.onnx: holds no graph. Is it an ONNX model?"`);
    expect(message(new TextEncoder().encode('<!DOCTYPE html>'))).toMatchInlineSnapshot(
      `"m.onnx: not a well-formed model (field graph has wire type 4, expected 2) at offset 0. The file is damaged, truncated or not an ONNX model"`,
    );
    expect(message(modelFile({ inputs: [value('x', [1])] }))).toMatch('its graph has no outputs');
    expect(
      message(file([node('Relu', ['x'], ['y'])], { graph: { sparseInitializers: [{ values: { name: 's' } }] } })),
    ).toMatch('tensor "s" is sparse');
  });
});

describe('unsupported', () => {
  test('lists every node that is in the way, and what is behind it where the file declares types', () => {
    const bytes = modelFile({
      inputs: [value('x', ['N', 2])],
      valueInfos: [value('a', ['N', 2])],
      nodes: [
        node('Det', ['x'], ['a']),
        node('Relu', ['a'], ['b'], { slope: 1 }),
        node('Softmax', ['b'], ['c'], { axis: 1 }),
        node('NonMaxSuppression', ['c'], ['d']),
        node('Add', ['d', 'x'], ['y']),
      ],
      outputs: [value('y', null)],
    });
    expect(unsupported(readOnnx(bytes))).toEqual([
      { node: 'Det:a', op: 'Det', reason: 'this op is not supported' },
      { node: 'Relu:b', op: 'Relu', reason: 'attribute slope is not supported; supported: none' },
      { node: 'NonMaxSuppression:d', op: 'NonMaxSuppression', reason: 'this op is not supported' },
    ]);
  });

  test('is empty for a model that can be imported, whatever its symbolic sizes', () => {
    const bytes = modelFile({
      inputs: [value('x', ['N', 'size'])],
      initializers: [tensorDraft('w', counting([32]))],
      nodes: [node('Add', ['x', 'w'], ['y'])],
      outputs: [value('y', null)],
    });
    expect(unsupported(readOnnx(bytes))).toEqual([]);
    expect(unsupported(readOnnx(bytes), { x: [1, 7] })).toHaveLength(1);
  });
});

describe('weights in other files', () => {
  const external = (name: string, location: string): Draft => ({
    name,
    dims: [2],
    dataType: 1,
    dataLocation: 1,
    externalData: [{ key: 'location', value: location }],
  });
  const file = (...initializers: Draft[]): Uint8Array =>
    modelFile({
      inputs: [value('x', [1, 2])],
      initializers,
      nodes: [node('Add', ['x', 'w'], ['y'])],
      outputs: [value('y', null)],
    });

  test('are listed, and read once', async () => {
    const bytes = file(external('w', 'b.bin'), external('v', 'a.bin'));
    expect(externalLocations(bytes)).toEqual(['a.bin', 'b.bin']);
    const asked: string[] = [];
    const weights = new Uint8Array(Float32Array.of(10, 20).buffer);
    const source = readOnnx(bytes, { externalData: (location) => (asked.push(location), weights) });
    source.graph({});
    expect(source.graph({}).constants.get('w')?.data).toEqual(Float32Array.of(10, 20));
    // The unused one is never asked for.
    expect(asked).toEqual(['b.bin']);
    expect(() => externalLocations(file(external('w', '../b.bin')))).toThrow('not a path inside');
  });
});
