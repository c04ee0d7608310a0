import { describe, expect, test } from 'vitest';
import { PathwiseError } from '@pathwise/model';
import { filesInMemory, readTfjs, type TfjsLimits } from '../src/index.ts';
import { functional, layer, read, run, type WeightOf } from './keras-json.ts';

/** Code and message of the error of reading a model and building its graph. */
async function problem(action: () => Promise<unknown>): Promise<string> {
  try {
    await action();
    return 'no error';
  } catch (error) {
    if (!(error instanceof PathwiseError)) throw error;
    return `${error.code} ${error.message}`;
  }
}

const dense = functional({ x: [2] }, [layer('Dense', { units: 1 })]);
const weights = [
  { name: 'dense/kernel', shape: [2, 1], dtype: 'float32' },
  { name: 'dense/bias', shape: [1], dtype: 'float32' },
];
const shard = (length: number): Uint8Array => new Uint8Array(length);

/** Reads model.json (an object, or its text) with weight files beside it. */
const files = async (
  json: object | string,
  shards: Readonly<Record<string, Uint8Array>> = { 'w.bin': shard(12) },
  limits: Partial<TfjsLimits> = {},
): Promise<unknown> => {
  const text = typeof json === 'string' ? json : JSON.stringify(json);
  const source = await readTfjs(filesInMemory({ 'model.json': new TextEncoder().encode(text), ...shards }), { limits });
  return source.graph({});
};
const manifest = (change: object = {}, entries: readonly object[] = weights): object => ({
  format: 'layers-model',
  modelTopology: dense,
  weightsManifest: [{ paths: ['w.bin'], weights: entries, ...change }],
});

test('the file that the others are made from is good', async () => {
  await expect(files(manifest())).resolves.toMatchObject({ inputs: ['x'] });
});

describe('model.json', () => {
  test.each<[string, object | string, string]>([
    ['no JSON', '{"modelTopology":', 'BAD_FILE model.json: is not JSON (Unexpected end of JSON input)'],
    ['a list', '[]', 'BAD_FILE model.json: has no "modelTopology". Is it the model.json of a TensorFlow.js model?'],
    ['no topology', {}, 'BAD_FILE model.json: has no "modelTopology". Is it the model.json of a TensorFlow.js model?'],
    ['a topology of nothing', { modelTopology: 3 }, 'BAD_FILE model.json: "modelTopology": expected an object, got 3'],
    [
      'an empty topology',
      { modelTopology: {} },
      'BAD_FILE model.json: its topology has neither "node" (a graph model) nor "config" (a layers model)',
    ],
    [
      'an unknown format',
      { format: 'pickle', modelTopology: dense },
      'BAD_FILE model.json: expected graph-model or layers-model for "format", got "pickle"',
    ],
    [
      'a format that is another',
      { format: 'graph-model', modelTopology: dense },
      'BAD_FILE model.json: expected "layers-model", as the topology is one for "format", got "graph-model"',
    ],
    [
      'a manifest of nothing',
      { modelTopology: dense, weightsManifest: 3 },
      'BAD_FILE model.json: expected a list for "weightsManifest", got 3',
    ],
  ])('%s', async (_, json, expected) => {
    expect(await problem(() => files(json))).toBe(expected);
  });

  test('brackets nested without end are counted before they are parsed', async () => {
    expect(await problem(() => files('['.repeat(100_000)))).toBe(
      'LIMIT_EXCEEDED model.json: nested 65 deep at offset 64: the limit is 64. If the file is to be trusted, raise the option limits.depth',
    );
    expect(await problem(() => files(`"${'['.repeat(100)}"`))).toMatch('has no "modelTopology"');
  });

  test('text that is no UTF-8, and files above the limit', async () => {
    const source = filesInMemory({ 'model.json': Uint8Array.of(0x22, 0xff, 0x22) });
    expect(await problem(() => readTfjs(source))).toBe('BAD_FILE model.json: is not UTF-8 text');
    expect(await problem(() => files(manifest(), {}, { jsonBytes: 10 }))).toMatch('LIMIT_EXCEEDED model.json: ');
  });
});

describe('weight files', () => {
  test.each([
    ['', 'is empty'],
    ['/etc/passwd', 'is absolute'],
    ['../secret', 'leaves the folder of the model'],
    ['a/../../secret', 'leaves the folder of the model'],
    ['..\\secret', 'holds a backslash'],
    ['https://example.org/w.bin', 'has a scheme or drive'],
    ['C:w.bin', 'has a scheme or drive'],
    ['//example.org/w.bin', 'is absolute'],
    ['%2e%2e/secret', 'holds an escaped dot, slash or backslash'],
    ['w\u0000.bin', 'holds control characters'],
    ['a'.repeat(2000), 'is too long'],
  ])('path %j %s', async (path, why) => {
    expect(await problem(() => files(manifest({ paths: [path] })))).toBe(
      `BAD_FILE model.json: the path ${JSON.stringify(path)} of a weight file ${why}. Weight files lie beside model.json`,
    );
  });

  test.each<[string, object, Readonly<Record<string, Uint8Array>>, string]>([
    ['that is missing', manifest({ paths: ['v.bin'] }), {}, 'BAD_FILE v.bin: is missing. Files given: model.json'],
    [
      'that is cut off',
      manifest(),
      { 'w.bin': shard(11) },
      'BAD_FILE the weight files w.bin are too short: 12 bytes of weights, got 11. Was a download cut off?',
    ],
    [
      'that is too long',
      manifest(),
      { 'w.bin': shard(13) },
      'BAD_FILE weight file "w.bin" is longer than its weights: 12 bytes in w.bin, got at least 13',
    ],
    [
      'of paths that are no text',
      manifest({ paths: [3] }),
      {},
      'BAD_FILE model.json: weights group 0: expected a list of texts for "paths", got [3]',
    ],
  ])('%s', async (_, json, shards, expected) => {
    expect(await problem(() => files(json, shards))).toBe(expected);
  });

  test('shards are joined in the order of the manifest, wherever a weight is cut', async () => {
    const bytes = new Uint8Array(Float32Array.of(3, 5, 7).buffer);
    const parts = { 'b.bin': bytes.slice(0, 5), 'a.bin': bytes.slice(5) };
    const graph = (await files(manifest({ paths: ['b.bin', 'a.bin'] }), parts)) as {
      constants: ReadonlyMap<string, { data: Float32Array }>;
    };
    expect([...graph.constants.values()].flatMap(({ data }) => [...data])).toEqual([3, 5, 7]);
  });
});

describe('entries of the manifest', () => {
  const changed = (change: object): object => manifest({}, [{ ...weights[0], ...change }, weights[1] as object]);
  test.each<[string, object, string]>([
    [
      'ten gigabytes',
      { shape: [50_000, 50_000] },
      'LIMIT_EXCEEDED model.json: weight "dense/kernel" of shape [50000,50000]: 2500000000 elements: the limit is 1073741824. If the file is to be trusted, raise the option limits.tensorElements',
    ],
    [
      'a product beyond all numbers',
      { shape: [1e15, 1e15] },
      'LIMIT_EXCEEDED model.json: weight "dense/kernel" of shape [1000000000000000,1000000000000000]: 1e+30 elements: the limit is 1073741824. If the file is to be trusted, raise the option limits.tensorElements',
    ],
    [
      'a negative size',
      { shape: [-2, 1] },
      'BAD_FILE model.json: weight "dense/kernel": expected whole numbers of at least 0 for "shape", got [-2,1]',
    ],
    [
      'no shape',
      { shape: null },
      'BAD_FILE model.json: weight "dense/kernel": expected a list for "shape", got nothing',
    ],
    [
      'complex numbers',
      { dtype: 'complex64' },
      'UNSUPPORTED_OP model.json: weight "dense/kernel": expected a type other than "complex64"; read are float32, int32, bool, string',
    ],
    [
      'quantisation without scale',
      { quantization: { dtype: 'uint8', min: 0 } },
      'BAD_FILE model.json: weight "dense/kernel": quantization: expected a number for "scale", got nothing',
    ],
    [
      'unknown quantisation',
      { quantization: { dtype: 'int4' } },
      'BAD_FILE model.json: weight "dense/kernel": quantization: expected uint8, uint16 or float16 for "dtype", got "int4"',
    ],
    [
      'quantised booleans',
      { dtype: 'bool', quantization: { dtype: 'uint8', min: 0, scale: 1 } },
      'BAD_FILE model.json: weight "dense/kernel": quantization: expected no quantization of bool for "dtype", got "uint8"',
    ],
    [
      'no name',
      { name: null },
      'BAD_FILE model.json: weights group 0, weight 0: expected text for "name", got nothing',
    ],
    ['a name given twice', { name: 'dense/bias' }, 'BAD_FILE weight "dense/bias" is in the manifest twice'],
  ])('%s', async (_, change, expected) => {
    expect(await problem(() => files(changed(change)))).toBe(expected);
  });

  test('strings are measured, and refused where they are used', async () => {
    const json = manifest({}, [{ ...weights[0], dtype: 'string' }, weights[1] as object]);
    // Two strings, "a" and "bc", then a bias.
    const strings = Uint8Array.of(1, 0, 0, 0, 97, 2, 0, 0, 0, 98, 99, 0, 0, 0, 0);
    expect(await problem(() => files(json, { 'w.bin': strings }))).toMatch(
      'UNSUPPORTED_OP model.json: layer "dense" (Dense): weight "dense/kernel" holds strings',
    );
    const long = Uint8Array.of(1, 0, 0, 0, 97, 255, 255, 255, 255, 98, 99, 0, 0, 0, 0);
    expect(await problem(() => files(json, { 'w.bin': long }))).toBe(
      'BAD_FILE weight "dense/kernel" begins at byte 0 of w.bin and goes beyond their 15 bytes',
    );
  });

  test('many weights of moderate size', async () => {
    expect(await problem(() => files(manifest(), {}, { weightBytes: 8 }))).toBe(
      'LIMIT_EXCEEDED the weights take 12 bytes: the limit is 8. If the file is to be trusted, raise the option limits.weightBytes',
    );
  });
});

describe('topologies', () => {
  const kernel: WeightOf = ['dense/kernel', [2, 1], [1, 2]];
  const bias: WeightOf = ['dense/bias', [1], [3]];
  const graphOf = async (topology: object, given: readonly WeightOf[] = [kernel, bias], limits?: Partial<TfjsLimits>) =>
    (await read(topology, given, limits && { limits })).graph({});
  const two = (first: unknown, second: unknown): object =>
    functional({ x: [2] }, [layer('Activation', { name: 'a' }, first), layer('Activation', { name: 'b' }, second)]);

  test.each<[string, object, string]>([
    [
      'an unknown class',
      functional({ x: [2] }, [layer('Lambda', { name: 'odd' })]),
      'UNSUPPORTED_OP test: layer "odd" (Lambda): layers of class Lambda are not supported; supported are ',
    ],
    [
      'a custom class that wears a known name',
      functional({ x: [2] }, [layer('Custom>Dense', { name: 'odd' })]),
      'UNSUPPORTED_OP test: layer "odd" (Custom>Dense): layers of class Custom>Dense',
    ],
    [
      'a cycle',
      two([[['b', 0, 0, {}]]], [[['a', 0, 0, {}]]]),
      'BAD_FILE test: model "m": the inputs of layer "a" lead back to itself',
    ],
    [
      'a name that is nowhere',
      two([[['ghost', 0, 0, {}]]], [[['a', 0, 0, {}]]]),
      'BAD_FILE test: layer "a" refers to layer "ghost", which model "m" does not have',
    ],
    [
      'a call that is not listed',
      two([[['x', 0, 0, {}]]], [[['a', 7, 0, {}]]]),
      'BAD_FILE test: layer "b" refers to call 7 of layer "a", which has 1',
    ],
    [
      'an output that is not there',
      two([[['x', 0, 0, {}]]], [[['a', 0, 5, {}]]]),
      'BAD_FILE test: layer "a" has 1 outputs, but number 5 is read',
    ],
    [
      'a call that is none',
      two([[['x', 0, 0, {}]]], [['a']]),
      'BAD_FILE test: layer "b" (Activation): expected a call [layer, node, tensor], got "a"',
    ],
    [
      'a layer without inputs',
      two([], [[['a', 0, 0, {}]]]),
      'BAD_FILE test: layer "b" refers to call 0 of layer "a", which has 0',
    ],
    [
      'a layer without a name',
      functional({ x: [2] }, [layer('Activation', { name: '' })]),
      'BAD_FILE test: model "m": a layer: expected a name that is not empty for "name", got ""',
    ],
    [
      'two layers of one name',
      functional({ x: [2] }, [layer('Activation', { name: 'x' })]),
      'BAD_FILE test: there are two layers called "x"',
    ],
    [
      'an unknown activation',
      functional({ x: [2] }, [layer('Dense', { activation: 'wobble' })]),
      'UNSUPPORTED_OP test: layer "dense" (Dense): activation "wobble" is not supported; supported: linear, relu',
    ],
    [
      'an activation from a prototype',
      functional({ x: [2] }, [layer('Dense', { activation: 'constructor' })]),
      'UNSUPPORTED_OP test: layer "dense" (Dense): activation "constructor" is not supported',
    ],
    [
      'units that are text',
      functional({ x: [2] }, [layer('RepeatVector', { n: 'many' })]),
      'BAD_FILE test: layer "repeatvector" (RepeatVector): expected a whole number of at least 1 for "n", got "many"',
    ],
    [
      'a stateful layer',
      functional({ x: [3, 2] }, [layer('LSTM', { stateful: true })]),
      'UNSUPPORTED_OP test: layer "lstm" (LSTM): stateful = true is not supported; supported: false',
    ],
    [
      'a subclassed model',
      { class_name: 'MyModel', config: {} },
      'UNSUPPORTED_OP test: modelTopology: a model of class "MyModel" is not supported; supported are Model, Functional, Sequential',
    ],
    [
      'no layers',
      { class_name: 'Sequential', config: { layers: [] } },
      'BAD_FILE test: modelTopology: expected at least one layer for "layers", got []',
    ],
    [
      'an input without shape',
      { class_name: 'Sequential', config: [layer('Dense')] },
      'BAD_FILE test: input "dense_input" has no shape. Save the model after it was built: it does not say the shape of its input',
    ],
  ])('%s', async (_, topology, expected) => {
    expect((await problem(() => graphOf(topology))).slice(0, expected.length)).toBe(expected);
  });

  test('weights that are missing, doubled or of another shape', async () => {
    const model = dense;
    expect(await problem(() => graphOf(model, [kernel]))).toBe(
      'BAD_FILE test: layer "dense" (Dense): there is no weight "bias"; its weights: dense/kernel',
    );
    expect(await problem(() => graphOf(model, [kernel, bias, ['m/dense/bias', [1], [1]]]))).toBe(
      'BAD_FILE test: layer "dense" (Dense): there are 2 weights "bias"; its weights: dense/kernel, dense/bias, m/dense/bias',
    );
    expect(await problem(() => graphOf(model, [['dense/kernel', [2, 1, 1], [1, 2]], bias]))).toBe(
      'BAD_FILE test: layer "dense" (Dense): expected weight "dense/kernel" to have 2 axes, got shape [2,1,1]',
    );
    expect(await problem(() => graphOf(model, [['dense/kernel', [3, 1], [1, 2, 3]], bias]))).toBe(
      'BAD_SHAPE test: layer "dense" (Dense): expected an input whose last axis has 3 elements, got shape [1,2]',
    );
  });

  test('names from the prototype of objects are names like others', async () => {
    const names = ['__proto__', 'constructor', 'toString'];
    const layers = names.map((name) => layer('Dense', { name }));
    const given = names.flatMap((name): WeightOf[] => [
      [`${name}/kernel`, [2, 2], [1, 0, 0, 2]],
      [`${name}/bias`, [2], [0, 1]],
    ]);
    // A JSON text: an object literal would set the prototype.
    const topology = JSON.parse(JSON.stringify(functional({ x: [2] }, layers))) as object;
    const [result] = await run(topology, given, { x: [[2], [1, 1]] });
    expect(result).toEqual({ shape: [2], values: [1, 15] });
  });

  test('a Sequential inside a Sequential inside a functional model, called twice', async () => {
    const inner = { class_name: 'Sequential', config: { name: 'inner', layers: [layer('Dense', { units: 2 })] } };
    const outer = { class_name: 'Sequential', config: { name: 'outer', layers: [inner, layer('ReLU')] } };
    // Keras counts the construction of a nested model as call 0.
    const twice = { ...outer, inbound: [[['x', 0, 0, {}]], [['outer', 1, 0, {}]]] };
    const topology = functional({ x: [2] }, [twice as never], { outputs: [['outer', 2, 0]] });
    const given: WeightOf[] = [
      ['dense/kernel', [2, 2], [1, 2, 3, 4]],
      ['dense/bias', [2], [-1, 0]],
    ];
    // relu(x W + b) = [3, 6], once more [20, 30].
    expect(await run(topology, given, { x: [[2], [1, 1]] })).toEqual([{ shape: [2], values: [20, 30] }]);
  });

  test('models in models multiply their calls', async () => {
    let model: object = { class_name: 'Sequential', config: { name: 'm0', layers: [layer('ReLU')] } };
    for (let k = 1; k <= 12; k++) {
      const inner = (model as { config: { name: string } }).config.name;
      const calls = Array.from({ length: 8 }, () => [['in', 0, 0, {}]]);
      const input = {
        class_name: 'InputLayer',
        name: 'in',
        config: { name: 'in', batch_input_shape: [null, 2] },
        inbound_nodes: [],
      };
      const layers = [input, { ...model, name: inner, inbound_nodes: calls }];
      model = {
        class_name: 'Functional',
        config: { name: `m${k}`, layers, input_layers: [['in', 0, 0]], output_layers: [[inner, 0, 0]] },
      };
    }
    expect(await problem(() => graphOf(model))).toMatch(
      /^LIMIT_EXCEEDED test: \d+ calls of layers: the limit is 200000/,
    );
  });

  test('all layers that stand in the way are named', async () => {
    const topology = functional({ x: [2] }, [
      layer('Lambda', { name: 'one' }),
      layer('Dense'),
      layer('Wavelet', { name: 'two' }),
    ]);
    const source = await read(topology, [kernel, bias]);
    expect(source.blockers({}).map(({ node, op }) => [node, op])).toEqual([
      ['one', 'Lambda'],
      ['two', 'Wavelet'],
    ]);
  });
});
