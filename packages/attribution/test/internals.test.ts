import { readFileSync } from 'node:fs';
import { float64, type Attribution } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, methodById, methods, type AttributionRequest } from '../src/index.ts';

interface Case {
  readonly name: string;
  readonly method: string;
  readonly tensors: Readonly<Record<string, string[]>>;
  readonly outputs: readonly string[];
  readonly inputs: { readonly x: number[][]; readonly baseline?: number[][] };
  readonly params: {
    readonly layer?: string;
    readonly neuron?: (number | string)[];
    readonly region?: number[];
    readonly rule?: 'left' | 'right' | 'trapezoid';
    readonly alphas?: number[];
  };
  readonly expected: number[][];
}
const golden = JSON.parse(readFileSync(new URL('golden/internals.json', import.meta.url), 'utf8')) as { cases: Case[] };

const matrix = (rows: number[][]) => float64([rows.length, rows[0]?.length ?? 0], rows.flat());
const values = (a: Attribution, name: string): number[] => Array.from(a.attributions[name]?.data ?? [], Number);

describe('worked examples of layers, neurons and axioms', () => {
  test.each(golden.cases)('$name', async ({ method, tensors, outputs, inputs, params, expected }) => {
    const model = toyModel({ inputs: { x: inputs.x[0]?.length ?? 1 }, tensors, outputs });
    const { takes } = methodById(method);
    const { layer, neuron, region, rule, alphas = [] } = params;
    const request: AttributionRequest = {
      inputs: { x: matrix(inputs.x) },
      target: 0,
      layer,
      neuron,
      ...(region === undefined ? {} : { params: { region } }),
      ...(rule === undefined ? {} : { quadrature: rule, steps: alphas.length - 1 }),
      ...(takes.baseline === 'none' || inputs.baseline === undefined ? {} : { baseline: matrix(inputs.baseline) }),
      ...(takes.quadrature === true || (takes.quadrature === 'fixed' && rule === undefined)
        ? { steps: 400, quadrature: 'midpoint' as const }
        : {}),
    };
    const a = await attribute(model, method, request);
    const [name] = Object.keys(a.attributions) as [string];
    expect(name).toBe(takes.layer && takes.neuron === false ? 'h' : 'x');
    // 400 midpoints: the error of a cubic's derivative is |g'| / (24 n^2), of a kink |jump| / (2 n).
    expect(values(a, name)).toBeClose(expected.flat(), { atol: /relu/.test(outputs.join()) ? 4e-3 : 1e-4 });
  });
});

describe('cuts', () => {
  const skip = toyModel({ tensors: { h: ['relu(x0-1)'] }, outputs: ['h0*h0+h0*x0+x0'] });
  const request = { inputs: { x: matrix([[3]]) }, target: 0, layer: 'h', tolerance: 0.001 };

  // h = relu(x-1), F = h^2 + hx + x, x = 3: sum 10 with the rest at the input, F(x) - F(x') = 13.
  test('a bypassed layer is said to be incomplete, and the delta is against the true F', async () => {
    const a = await attribute(skip, 'layer-integrated-gradients', request);
    expect(values(a, 'h')).toBeClose([10], { atol: 1e-9 });
    expect(a.complete).toBe(false);
    expect(a.convergenceDelta).toBeClose([-3], { atol: 1e-9 });
    expect(a.warnings.find(({ code }) => code === 'no-cut')?.message).toContain('"x" -> "y"');
  });

  // rest at the baseline: h^2 from 0 to 2 = 4. rest on the path: h^2 + integral of x(b) dh = 4 + 2 * 3/2 = 7.
  test.each([
    ['baseline', 4],
    ['path', 7],
  ])('rest: %s', async (rest, expected) => {
    const a = await attribute(skip, 'layer-integrated-gradients', { ...request, params: { rest } });
    expect(values(a, 'h')).toBeClose([expected], { atol: 1e-9 });
  });

  test('two tensors that form a cut are complete together', async () => {
    const model = toyModel({ tensors: { h: ['x0*x0'], g: ['relu(x0-x1)'] }, outputs: ['h0*g0+g0'] });
    const a = await attribute(model, 'layer-integrated-gradients', {
      inputs: { x: matrix([[3, 1]]) },
      target: 0,
      layer: ['h', 'g'],
      steps: 8,
    });
    expect(a.complete).toBe(true);
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    expect(Object.keys(a.attributions)).toEqual(['h', 'g']);
  });

  test('the layer is the input: integrated gradients; the layer is the output: F(x) - F(x`)', async () => {
    const model = toyModel({ outputs: ['x0*x0*x1', 'x1'] });
    const inputs = { x: matrix([[2, 3]]) };
    const own = await attribute(model, 'layer-integrated-gradients', { inputs, target: 0, layer: 'x', steps: 4 });
    const ig = await attribute(model, 'integrated-gradients', { inputs, target: 0, steps: 4 });
    expect(values(own, 'x')).toBeClose(values(ig, 'x'), { rtol: 1e-14 });
    const output = await attribute(model, 'layer-integrated-gradients', { inputs, target: 0, layer: 'y', steps: 4 });
    expect(values(output, 'y')).toBeClose([12, 0], { rtol: 1e-14 });
  });

  test('a layer without influence gives zeros and a warning', async () => {
    const model = toyModel({ tensors: { h: ['x0*x0'], g: ['x0'] }, outputs: ['g0'] });
    const b = await attribute(model, 'layer-integrated-gradients', {
      inputs: { x: matrix([[3]]) },
      target: 0,
      layer: 'h',
    });
    expect(values(b, 'h')).toEqual([0]);
    expect(b.warnings.map(({ code }) => code)).toContain('no-influence');
  });
});

describe('neurons', () => {
  const model = toyModel({
    inputs: { x: 2, c: 1 },
    tensors: { h: ['x0+2*x1', 'x0-x1', 'x0*x1'], g: ['c0'] },
    outputs: ['h0*h1+h2+g0'],
  });
  const inputs = { x: matrix([[3, 1]]), c: matrix([[1]]) };

  test('several neurons are summed before differentiating; negative indices count from the end', async () => {
    const gradient = (neuron: string | (number | string)[]) =>
      attribute(model, 'neuron-gradient', { inputs, layer: 'h', neuron, constants: ['c'] });
    expect(values(await gradient('0:2'), 'x')).toEqual([2, 1]);
    expect(values(await gradient([':']), 'x')).toEqual([3, 4]);
    const last = await gradient([-1]);
    expect(values(last, 'x')).toEqual([1, 3]);
    expect(last.target).toEqual(['h[-1]']);
    expect(last.outputAtInput).toEqual([3]);
  });

  test('neuron integrated gradients are complete against the neuron', async () => {
    const a = await attribute(model, 'neuron-integrated-gradients', {
      inputs,
      layer: 'h',
      neuron: [2],
      steps: 2,
      constants: ['c'],
    });
    expect(values(a, 'x')).toBeClose([1.5, 1.5], { rtol: 1e-14 });
    expect([a.outputAtInput, a.outputAtBaseline]).toEqual([[3], [0]]);
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-14 });
  });

  test.each([['3'], ['0,0'], ['-4'], ['1:1'], ['a']])('neuron "%s" does not fit', async (neuron) => {
    await expect(attribute(model, 'neuron-gradient', { inputs, layer: 'h', neuron })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
    });
  });

  test('a layer that no attributed input reaches', async () => {
    await expect(
      attribute(model, 'neuron-gradient', { inputs, layer: 'g', neuron: [0], constants: ['c'] }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: neuron-gradient: no attributed input reaches the layer "g"]`,
    );
  });

  test('unknown layers are named with similar ones', async () => {
    await expect(
      attribute(model, 'layer-activation', { inputs, layer: 'hh' }),
    ).rejects.toThrowErrorMatchingInlineSnapshot(
      `[PathwiseError: layer-activation: expected the name of a tensor (for example h) for layer, got "hh"]`,
    );
  });
});

test('methods are sorted by id and their ids are unique', () => {
  const ids = methods.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)].sort());
});
