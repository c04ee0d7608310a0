import { float64, toFloat64, type Attribution } from '@pathwise/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { build, networks, rows } from '../../model/testing/toy-arbitraries.ts';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, checkAxioms, type AttributionRequest } from '../src/index.ts';

const values = (a: Attribution, name = 'x'): number[] => Array.from(toFloat64(a.attributions[name]!.data));

// h = (x0 + 2 x1, x0 - x1), F = h0 h1 at (3, 1).
const product = toyModel({ tensors: { h: ['x0+2*x1', 'x0-x1'] }, outputs: ['h0*h1'] });
const request: AttributionRequest = {
  inputs: { x: float64([1, 2], [3, 1]) },
  target: 0,
  layer: 'h',
  neuron: [0],
  steps: 2,
};

describe('neuron conductance', () => {
  test('several neurons are the sum of the single ones, not the product of sums (21, 3.5)', async () => {
    const both = await attribute(product, 'neuron-conductance', { ...request, neuron: [':'] });
    expect(values(both)).toBeClose([10.5, -0.5], { rtol: 1e-14 });
    expect(both.target).toEqual(['y[0] through h[:]']);
    expect(both.convergenceDelta).toBeNull();
  });

  // dF/dh0 = h1 = 2 alpha, its mean is 1; dh0/dx = (1, 2).
  test('without the difference: the mean of the product of slopes', async () => {
    const a = await attribute(product, 'neuron-conductance', { ...request, params: { multiplyByInputs: false } });
    expect(values(a)).toBeClose([1, 2], { rtol: 1e-14 });
    expect(a.unit).toBe('per-unit');
  });

  test('the input as the layer: integrated gradients of that one feature', async () => {
    const ig = await attribute(product, 'integrated-gradients', { inputs: request.inputs, target: 0, steps: 2 });
    const a = await attribute(product, 'neuron-conductance', { ...request, layer: 'x', neuron: [1] });
    expect(values(a)).toBeClose([0, values(ig)[1] as number], { rtol: 1e-14 });
  });

  test('a neuron that the target does not see gives zeros and a warning', async () => {
    const model = toyModel({ tensors: { h: ['x0*x0'], g: ['x0'] }, outputs: ['g0'] });
    const a = await attribute(model, 'neuron-conductance', { ...request, inputs: { x: float64([1, 1], [3]) } });
    expect(values(a)).toEqual([0]);
    expect(a.warnings.map(({ code }) => code)).toContain('no-influence');
  });

  test('a layer that no attributed input reaches', async () => {
    const model = toyModel({ inputs: { x: 1, c: 1 }, tensors: { h: ['c0*c0'] }, outputs: ['h0*x0'] });
    const inputs = { x: float64([1, 1], [3]), c: float64([1, 1], [2]) };
    await expect(attribute(model, 'neuron-conductance', { ...request, inputs, constants: ['c'] })).rejects.toThrow(
      'no attributed input reaches the layer "h"',
    );
  });

  test('axioms of the whole are not asked of a part; the others hold', async () => {
    const certificate = await checkAxioms(product, 'neuron-conductance', request, { precision: 'float64' });
    const verdict = (id: string) => certificate.axioms.find(({ axiom }) => axiom === id)?.verdict;
    expect(['dummy', 'linearity', 'affine-scale-invariance'].map(verdict)).toEqual(['proved', 'proved', 'proved']);
    expect(verdict('completeness')).toBe('not-applicable');
  });
});

// On a cut the parts through all neurons of a layer add up to integrated gradients with the same
// nodes, to rounding, whatever the nodes.
test('the parts through all neurons add up to integrated gradients', async () => {
  const cases = networks().chain((toy) => fc.tuple(fc.constant(toy), rows(toy.features), rows(toy.features)));
  await fc.assert(
    fc.asyncProperty(cases, fc.integer({ min: 1, max: 9 }), async ([toy, x, from], steps) => {
      const model = build(toy);
      const own: AttributionRequest = {
        inputs: { x: float64([1, x.length], x) },
        baseline: float64([from.length], from),
        target: 0,
        steps,
        quadrature: 'gauss-legendre',
      };
      const ig = values(await attribute(model, 'integrated-gradients', own));
      const units = toy.options.tensors?.['h']?.length ?? 0;
      const parts: number[][] = [];
      for (let j = 0; j < units; j++) {
        parts.push(values(await attribute(model, 'neuron-conductance', { ...own, layer: 'h', neuron: [j] })));
      }
      const sum = ig.map((_, i) => parts.reduce((s, part) => s + (part[i] as number), 0));
      const size = Math.max(...parts.flat().map(Math.abs), 1e-12);
      expect(sum).toBeClose(ig, { atol: 1e-12 * size });
    }),
    { numRuns: 40, seed: 9 },
  );
});
