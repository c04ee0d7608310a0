import { describe, expect, test } from 'vitest';
import { float32, int64, tensor } from '@pathwise/model';
import { counting, ELEMENT, modelFile, node, subgraph, tensorDraft, value, type Draft } from '../../test/encode.ts';
import { runFile } from '../../test/run.ts';
import { readOnnx } from '../index.ts';

const truth = (name: string, v: boolean): Draft => tensorDraft(name, tensor('bool', [], Uint8Array.of(Number(v))));
const scalar = (name: string, v: number): Draft => tensorDraft(name, int64([], [v]));

describe('If', () => {
  const branches = {
    then_branch: subgraph([node('Add', ['x', 'x'], ['sum'])], [], ['sum']),
    else_branch: subgraph([node('Neg', ['x'], ['minus'])], [], ['minus']),
  };
  const file = (condition: Draft[], inputs: Draft[] = []): Uint8Array =>
    modelFile({
      inputs: [value('x', [1, 2]), ...inputs],
      initializers: condition,
      nodes: [node('If', ['c'], ['y'], branches), node('Relu', ['y'], ['z'])],
      outputs: [value('z', [1, 2])],
    });

  test('the branch that a constant chooses takes the place of the node', async () => {
    const x = float32([1, 2], [1, -3]);
    expect((await runFile(file([truth('c', true)]), { x }))['z']?.data).toBeClose([2, 0]);
    expect((await runFile(file([truth('c', false)]), { x }))['z']?.data).toBeClose([0, 3]);
  });

  test('the output keeps its name without a further node', () => {
    const graph = readOnnx(file([truth('c', true)])).graph({});
    expect(graph.nodes.map(({ op, name, outputs }) => [op, name, outputs])).toEqual([
      ['Add', 'If:y/Add:sum', ['y']],
      ['Relu', 'Relu:z', ['z']],
    ]);
  });

  test('a condition that shapes decide is known', async () => {
    const bytes = modelFile({
      inputs: [value('x', ['N', 'size'])],
      initializers: [scalar('two', 2), scalar('one', 1)],
      nodes: [
        node('Shape', ['x'], ['shape']),
        node('Gather', ['shape', 'one'], ['size']),
        node('Equal', ['size', 'two'], ['c']),
        node('If', ['c'], ['y'], branches),
      ],
      outputs: [value('y', null)],
    });
    expect((await runFile(bytes, { x: float32([1, 2], [1, 2]) }))['y']?.data).toBeClose([2, 4]);
    expect((await runFile(bytes, { x: float32([1, 3], [1, 2, 3]) }))['y']?.data).toBeClose([-1, -2, -3]);
  });

  test('one that the inputs decide is refused', () => {
    expect(() => readOnnx(file([], [value('c', [], ELEMENT.bool)])).graph({})).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: model.onnx: node "If:y" (If): its condition is computed from the inputs of the model; only an If whose condition is known when the file is read is supported]`,
    );
  });

  test('what only a branch reads is computed too', async () => {
    const bytes = modelFile({
      inputs: [value('x', [1, 2])],
      initializers: [truth('c', true)],
      nodes: [
        node('Neg', ['x'], ['outside']),
        node('If', ['c'], ['y'], {
          then_branch: subgraph([node('Relu', ['outside'], ['t'])], [], ['t']),
          else_branch: subgraph([], [], ['x']),
        }),
      ],
      outputs: [value('y', null)],
    });
    expect((await runFile(bytes, { x: float32([1, 2], [1, -3]) }))['y']?.data).toBeClose([0, 3]);
  });

  test('a branch that hands on a tensor from outside gets an Identity with the name', () => {
    const bytes = modelFile({
      inputs: [value('x', [1, 2])],
      initializers: [truth('c', true)],
      nodes: [node('If', ['c'], ['y'], { then_branch: subgraph([], [], ['x']), else_branch: subgraph([], [], ['x']) })],
      outputs: [value('y', null)],
    });
    expect(
      readOnnx(bytes)
        .graph({})
        .nodes.map(({ op, inputs, outputs }) => [op, inputs, outputs]),
    ).toEqual([['Identity', ['x'], ['y']]]);
  });
});

describe('Loop', () => {
  const file = (body: Draft[], { trips = 'three', condition = 'go' } = {}, inputs: Draft[] = []): Uint8Array =>
    modelFile({
      inputs: [value('x', [1, 2]), ...inputs],
      initializers: [scalar('three', 3), scalar('zero', 0), truth('go', true)],
      nodes: [
        node('Loop', [trips, condition, 'x'], ['last', 'all'], {
          body: subgraph(body, ['i', 'before', 'v'], ['after', 'w', 'w']),
        }),
      ],
      outputs: [value('last', null), value('all', null)],
    });
  const double = [node('Identity', ['before'], ['after']), node('Add', ['v', 'v'], ['w'])];

  test('a known trip count is unrolled; names are paths', async () => {
    const x = float32([1, 2], [1, 10]);
    const outputs = await runFile(file(double), { x });
    expect(outputs['last']?.data).toBeClose([8, 80]);
    expect(outputs['all']?.shape).toEqual([3, 1, 2]);
    expect(outputs['all']?.data).toBeClose([2, 20, 4, 40, 8, 80]);
    expect(readOnnx(file(double)).graph({}).types.has('Loop:last/1/w')).toBe(true);
  });

  test('the condition ends it', async () => {
    // Goes on while i < 1: iterations 0 and 1 run.
    const body = [node('Less', ['i', 'one'], ['after']), node('Add', ['v', 'v'], ['w'])];
    const bytes = modelFile({
      inputs: [value('x', [1, 2])],
      initializers: [scalar('one', 1), truth('go', true)],
      nodes: [node('Loop', ['', 'go', 'x'], ['y'], { body: subgraph(body, ['i', 'before', 'v'], ['after', 'w']) })],
      outputs: [value('y', null)],
    });
    expect((await runFile(bytes, { x: float32([1, 2], [1, 10]) }))['y']?.data).toBeClose([4, 40]);
  });

  test('what is not known, or too long, is refused', () => {
    const read = (bytes: Uint8Array) => () => readOnnx(bytes, { limits: { iterations: 10 } }).graph({});
    const depends = [
      node('ReduceMax', ['v'], ['m'], { keepdims: 0 }),
      node('Cast', ['m'], ['after'], { to: 9 }),
      node('Neg', ['v'], ['w']),
    ];
    expect(read(file(depends))).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: model.onnx: node "Loop:last" (Loop): its condition after an iteration is computed from the inputs of the model; only loops whose length is known when the file is read are supported]`,
    );
    expect(read(file(double, { trips: 'n' }, [value('n', [], ELEMENT.int64)]))).toThrow('its trip count is computed');
    expect(read(file(double, { trips: '' }))).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: model.onnx: node "Loop:last" (Loop): more than 10 iterations: the limit is 10. If the file is to be trusted, raise the option limits.iterations]`,
    );
    expect(read(file(double, { trips: 'zero' }))).toThrow('runs no iteration');
  });
});

describe('Scan', () => {
  const body = subgraph(
    [node('Add', ['sum', 'element'], ['next']), node('Neg', ['next'], ['minus'])],
    ['sum', 'element'],
    ['next', 'minus'],
  );
  const file = (attrs: Parameters<typeof node>[3]): Uint8Array =>
    modelFile({
      inputs: [value('x', [2, 3])],
      initializers: [tensorDraft('start', float32([2], [0, 0]))],
      nodes: [node('Scan', ['start', 'x'], ['total', 'steps'], { body, num_scan_inputs: 1, ...attrs })],
      outputs: [value('total', null), value('steps', null)],
    });
  const x = float32([2, 3], [1, 2, 3, 10, 20, 30]);

  // Running sums along axis 1.
  test('forward and backward, along any axis', async () => {
    const forward = await runFile(file({ scan_input_axes: [1], scan_output_axes: [-1] }), { x });
    expect(forward['total']?.data).toBeClose([6, 60]);
    expect(forward['steps']?.data).toBeClose([-1, -3, -6, -10, -30, -60]);
    const backward = await runFile(
      file({ scan_input_axes: [1], scan_input_directions: [1], scan_output_directions: [1] }),
      { x },
    );
    expect(backward['steps']?.shape).toEqual([3, 2]);
    expect(backward['steps']?.data).toBeClose([-6, -60, -5, -50, -3, -30]);
  });

  test('a wrong count of sequences is an error', () => {
    expect(() => readOnnx(file({ num_scan_inputs: 5 })).graph({})).toThrow('num_scan_inputs from 1 to 2, got 5');
    expect(() => readOnnx(file({ scan_input_axes: [4] })).graph({})).toThrow('axis 4');
  });
});

describe('sequences', () => {
  test('split, taken apart and joined again', async () => {
    const bytes = modelFile({
      inputs: [value('x', [1, 6])],
      initializers: [scalar('two', 2), scalar('first', 0)],
      nodes: [
        node('SplitToSequence', ['x', 'two'], ['parts'], { axis: 1 }),
        node('SequenceAt', ['parts', 'first'], ['head']),
        node('Neg', ['head'], ['minus']),
        node('SequenceInsert', ['parts', 'minus'], ['more']),
        node('SequenceErase', ['more', 'first'], ['fewer']),
        node('SequenceLength', ['fewer'], ['length']),
        node('ConcatFromSequence', ['fewer'], ['y'], { axis: 1 }),
      ],
      outputs: [value('y', null), value('length', null)],
    });
    const outputs = await runFile(bytes, { x: counting([1, 6]) });
    expect(outputs['y']?.data).toBeClose([2, 3, 4, 5, 0, -1]);
    expect(outputs['length']?.data).toEqual(BigInt64Array.of(3n));
  });

  test('built one by one; the last is erased where no position is given', async () => {
    const bytes = modelFile({
      inputs: [value('x', [1, 2])],
      initializers: [scalar('last', -1)],
      nodes: [
        node('Neg', ['x'], ['minus']),
        node('SequenceConstruct', ['x', 'minus', 'x'], ['three']),
        node('SequenceErase', ['three'], ['two']),
        node('SequenceAt', ['two', 'last'], ['y']),
        node('ConcatFromSequence', ['two'], ['z'], { axis: 0, new_axis: 1 }),
      ],
      outputs: [value('y', null), value('z', null)],
    });
    const outputs = await runFile(bytes, { x: counting([1, 2]) });
    expect(outputs['y']?.data).toBeClose([0, -1]);
    expect(outputs['z']?.shape).toEqual([2, 1, 2]);
  });
});

describe('functions of the model', () => {
  // scale_by(x; by = 2): y = x * by, and a function that calls it.
  const scaleBy = {
    name: 'scale_by',
    domain: 'my',
    inputs: ['a'],
    outputs: ['b'],
    attributeDefaults: [{ name: 'by', type: 1, float: 2 }],
    nodes: [
      node('Constant', [], ['factor'], { value_float: { ref: 'by', type: 1 } }),
      node('Mul', ['a', 'factor'], ['b']),
    ],
    opsetImports: [{ domain: '', version: 21 }],
  };
  const twice = {
    name: 'twice',
    domain: 'my',
    inputs: ['p'],
    outputs: ['q'],
    attributes: ['alpha'],
    nodes: [
      node('scale_by', ['p'], ['h'], { by: { ref: 'alpha', type: 1 } }, { domain: 'my' }),
      node('scale_by', ['h'], ['q'], {}, { domain: 'my' }),
    ],
    opsetImports: [
      { domain: '', version: 21 },
      { domain: 'my', version: 1 },
    ],
  };
  const file = (functions: Draft[]): Uint8Array =>
    modelFile({
      inputs: [value('x', [1, 2])],
      nodes: [node('twice', ['x'], ['y'], { alpha: { float: 5 } }, { domain: 'my', name: 'call' })],
      outputs: [value('y', null)],
      functions,
      domains: { my: 1 },
    });

  test('are inlined with their attributes and defaults', async () => {
    const bytes = file([scaleBy, twice]);
    expect((await runFile(bytes, { x: float32([1, 2], [1, -1]) }))['y']?.data).toBeClose([10, -10]);
    const graph = readOnnx(bytes).graph({});
    expect(graph.nodes.map(({ name, outputs }) => [name, outputs])).toEqual([
      ['call/scale_by:h/Mul:b', ['call/h']],
      ['call/scale_by:q/Mul:b', ['y']],
    ]);
  });

  test('one that calls itself is refused', () => {
    const circle = { ...twice, nodes: [node('twice', ['p'], ['q'], {}, { domain: 'my' })] };
    expect(() => readOnnx(file([circle])).graph({})).toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: model.onnx: node "call/twice:q" (twice): function twice calls itself]`,
    );
  });

  test('calls that multiply meet the limit of nodes', () => {
    // f0 calls f1 twice, which calls f2 twice ... 2^30 calls.
    const functions = Array.from({ length: 30 }, (_, i) => ({
      name: `f${i}`,
      domain: 'my',
      inputs: ['p'],
      outputs: ['q'],
      nodes:
        i === 29
          ? [node('Neg', ['p'], ['q'])]
          : [
              node(`f${i + 1}`, ['p'], ['h'], {}, { domain: 'my' }),
              node(`f${i + 1}`, ['h'], ['q'], {}, { domain: 'my' }),
            ],
      opsetImports: [{ domain: '', version: 21 }],
    }));
    const bytes = modelFile({
      inputs: [value('x', [1, 2])],
      nodes: [node('f0', ['x'], ['y'], {}, { domain: 'my' })],
      outputs: [value('y', null)],
      functions,
    });
    expect(() => readOnnx(bytes, { limits: { nodes: 2000 } }).graph({})).toThrow('more than 2000 nodes after inlining');
  });
});
