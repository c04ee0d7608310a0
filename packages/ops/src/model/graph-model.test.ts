import { describe, expect, test } from 'vitest';
import { float64, int64, type Objective, type Tensor } from '@pathwise/model';
import { graphBuilder, graphModel, referenceEngine } from '../index.ts';
import type { Graph } from '@pathwise/graph';

const row = (values: readonly number[]): Tensor => float64([1, values.length], values);
const element = (tensor: string, index: number, size: number): Objective => ({
  tensor,
  rows: [{ kind: 'linear', weights: Float64Array.from({ length: size }, (_, i) => Number(i === index)) }],
});

/** f = relu(relu(x0) - 1 - relu(x1)), an example of Sundararajan, Taly, Yan 2017: at (3, 1) it is 1, its gradient (1, -1). */
function twoRelus(): Graph {
  const b = graphBuilder();
  const x = b.input('x', [1, 2]);
  const h = b.relu(x, 'h');
  const z = b.gemm(h, float64([2, 1], [1, -1]), float64([1], [-1]), {}, 'z');
  return b.build([b.relu(z, 'y')]);
}

describe('graphModel', () => {
  const model = graphModel(twoRelus(), referenceEngine);
  const x = row([3, 1]);

  test('forward stacks rows', async () => {
    const { y } = await model.forward({ x: float64([2, 2], [3, 1, 0, 5]) });
    expect(y?.shape).toEqual([2, 1]);
    expect(y?.data).toBeClose([1, 0]);
  });

  test('gradient by an input and by an inner tensor', async () => {
    const { values, gradients, tensors } = await model.gradient({
      feeds: { x },
      objective: element('y', 0, 1),
      wrt: ['x', 'h'],
      wanted: ['z'],
    });
    expect(values).toBeClose([1]);
    expect(gradients['x']?.data).toBeClose([1, -1]);
    expect(gradients['h']?.data).toBeClose([1, -1]);
    expect(tensors['z']?.data).toBeClose([1]);
  });

  test('a fed inner tensor replaces what the model would compute', async () => {
    const { values, gradients } = await model.gradient({
      feeds: { x, h: row([5, 1]) },
      objective: element('y', 0, 1),
      wrt: ['h', 'x'],
    });
    expect(values).toBeClose([3]);
    expect(gradients['h']?.data).toBeClose([1, -1]);
    expect(gradients['x']?.data).toBeClose([0, 0]);
  });

  test('a function of the output: y squared has cotangent 2y', async () => {
    const square: Objective = {
      tensor: 'y',
      rows: [{ kind: 'function', evaluate: ([y = 0]) => ({ value: y * y, gradient: [2 * y] }) }],
    };
    const { values, gradients } = await model.gradient({ feeds: { x: row([4, 1]) }, objective: square, wrt: ['x'] });
    expect(values).toBeClose([4]);
    expect(gradients['x']?.data).toBeClose([4, -4]);
  });

  test('pullback', async () => {
    const { x: dx } = await model.pullback({ feeds: { x }, cotangents: { h: row([2, 7]) }, wrt: ['x'] });
    expect(dx?.data).toBeClose([2, 7]);
  });

  test('structure: cuts, affine prefix, kind of path', () => {
    const structure = model.structure({ x });
    expect(structure.bypass(['h'], ['x'], 'y')).toBeNull();
    expect(structure.bypass(['h', 'z'], ['x'], 'y')).toEqual({ from: 'h', to: 'z' });
    expect(structure.affineFrontier(['x'], 'y')).toEqual(['x']);
    expect(structure.affineFrontier(['h'], 'y')).toEqual(['z']);
    expect(structure.pathKind(['x'], 'y')).toEqual({ kind: 'piecewise-linear', blockers: [] });
    expect(structure.pathKind(['h'], 'z').kind).toBe('affine');
  });

  // x from 0 to (3, 1): relu inputs are 0 at the start only; z = 3a - 1 - a changes sign at a = 1/2.
  test('breakpoints of a straight path', async () => {
    const places = await model.breakpoints!({
      from: { x: row([0, 0]) },
      to: { x },
      constants: {},
      target: 'y',
      limit: 10,
    });
    expect(places).toBeClose([0.5]);
  });

  test('counters count rows; a gradient includes its forward', async () => {
    const counted = graphModel(twoRelus(), referenceEngine);
    await counted.forward({ x: float64([3, 2], [1, 2, 3, 4, 5, 6]) });
    await counted.gradient({ feeds: { x }, objective: element('y', 0, 1), wrt: ['x'] });
    expect(counted.counters).toEqual({ forward: 3, gradient: 1 });
  });

  test('a needed input that is not fed is an error that names it', async () => {
    await expect(model.forward({})).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: input "x" was not given; the model needs it]`,
    );
  });

  test('a gradient that is not finite names the node', async () => {
    const b = graphBuilder();
    const v = b.input('v', [1, 1]);
    const root = graphModel(b.build([b.unary('Sqrt', v, {}, 'root')]), referenceEngine);
    await expect(
      root.gradient({ feeds: { v: row([0]) }, objective: element('root', 0, 1), wrt: ['v'] }),
    ).rejects.toMatchObject({ code: 'NON_FINITE', place: { row: 0 } });
  });
});

describe('token ids', () => {
  test('are attributed at the output of the embedding lookup', async () => {
    const b = graphBuilder();
    const ids = b.input('ids', [1, 3], 'int64');
    const embedded = b.emit(
      'Gather',
      [b.constant(float64([4, 2], [0, 1, 2, 3, 4, 5, 6, 7])), ids],
      { axis: 0 },
      'embedded',
    );
    const model = graphModel(b.build([b.reduceSum(embedded, [1, 2], false)]), referenceEngine);
    expect(model.inputs[0]?.attributedAt).toBe('embedded');
    const output = model.outputs[0]!.name;
    const tokens = int64([1, 3], [3, 0, 1]);
    const { values, gradients } = await model.gradient({
      feeds: { ids: tokens },
      objective: element(output, 0, 1),
      wrt: ['embedded'],
    });
    expect(values).toBeClose([13 + 1 + 5]);
    expect(gradients['embedded']?.shape).toEqual([1, 3, 2]);
  });
});

describe('output scale', () => {
  const classifier = (final: string | null): ReturnType<typeof graphModel> => {
    const b = graphBuilder();
    const z = b.mul(b.input('x', [1, 2]), float64([1, 2], [1, 2]), 'z');
    return graphModel(b.build([final === null ? z : b.emit(final, [z], { axis: -1 }, 'p')]), referenceEngine);
  };

  test('the logit of a model that ends in Softmax is its input', () => {
    expect(classifier('Softmax').outputTensor(undefined, 'logit')).toEqual({
      tensor: 'z',
      note: 'the model ends in Softmax; its input "z" is explained',
    });
    expect(classifier('Softmax').outputTensor(undefined, 'probability')).toEqual({ tensor: 'p' });
  });

  test('probabilities are appended where they are missing', async () => {
    const model = classifier(null);
    const { tensor } = model.outputTensor('z', 'probability');
    const outputs = await model.forward({ x: row([1, 1]) }, [tensor]);
    // softmax(1, 2)
    expect(outputs[tensor]?.data).toBeClose([1 / (1 + Math.E), Math.E / (1 + Math.E)], { atol: 1e-15 });
  });
});
