import { float64, toFloat64, type Attribution } from '@pathwise/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { build, networks, rows } from '../../model/testing/toy-arbitraries.ts';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';

const values = (a: Attribution, name = 'h'): number[] => Array.from(toFloat64(a.attributions[name]!.data));
const sum = (list: readonly number[]): number => list.reduce((a, b) => a + b, 0);
const sizeOf = (list: readonly number[]): number => Math.max(...list.map(Math.abs), 1e-12);

const cases = (activations?: readonly string[]) =>
  networks(activations).chain((toy) => fc.tuple(fc.constant(toy), rows(toy.features), rows(toy.features)));
const requestAt = (x: number[], from: number[]): AttributionRequest => ({
  inputs: { x: float64([1, x.length], x) },
  baseline: float64([from.length], from),
  target: 0,
});

describe('identities on random networks', () => {
  test('the features of neuron conductance sum to the conductance of the neuron, at any nodes', async () => {
    const rules = fc.constantFrom('gauss-legendre' as const, 'clenshaw-curtis' as const);
    await fc.assert(
      fc.asyncProperty(cases(), fc.integer({ min: 1, max: 8 }), rules, async ([toy, x, from], steps, quadrature) => {
        const model = build(toy);
        const own = { ...requestAt(x, from), layer: 'h', steps, quadrature };
        const layer = values(await attribute(model, 'layer-conductance', own));
        for (const [j, conductance] of layer.entries()) {
          const parts = values(await attribute(model, 'neuron-conductance', { ...own, neuron: [j] }), 'x');
          expect(sum(parts)).toBeClose(conductance, { atol: 1e-12 * sizeOf([...parts, ...layer]) });
        }
      }),
      { numRuns: 30, seed: 2 },
    );
  });

  test('a region and the rest add up to the conductance; over the units a region has its integrated gradients', async () => {
    await fc.assert(
      fc.asyncProperty(cases(), fc.integer({ min: 1, max: 6 }), async ([toy, x, from], steps) => {
        const model = build(toy);
        const own = { ...requestAt(x, from), steps, quadrature: 'gauss-legendre' as const };
        const mask = x.map((_, i) => Number(i % 2 === 0));
        const part = async (region: number[]) =>
          values(await attribute(model, 'layer-conductance', { ...own, layer: 'h', params: { region } }));
        const whole = values(await attribute(model, 'layer-conductance', { ...own, layer: 'h' }));
        const inside = await part(mask);
        const outside = await part(mask.map((m) => 1 - m));
        expect(inside.map((v, j) => v + outside[j]!)).toBeClose(whole, {
          atol: 1e-12 * sizeOf([...inside, ...outside]),
        });
        expect(await part(x.map(() => 1))).toEqual(whole);
        expect(await part(x.map(() => 0))).toBeClose(whole.map(() => 0));
        const ig = values(await attribute(model, 'integrated-gradients', own), 'x');
        expect(sum(inside)).toBeClose(sum(ig.filter((_, i) => mask[i] === 1)), {
          atol: 1e-12 * sizeOf([...inside, ...outside, ...ig]),
        });
      }),
      { numRuns: 30, seed: 8 },
    );
  });

  // Smooth, so that 64 nodes integrate to rounding: the sums are F(x) - F(x'), and of the trapezoid to O(1 / n^2).
  test('on a cut the conductances sum to the change of the target', async () => {
    await fc.assert(
      fc.asyncProperty(cases(['tanh', 'sigmoid']), async ([toy, x, from]) => {
        const own = { ...requestAt(x, from), layer: 'h' };
        const exact = await attribute(build(toy), 'layer-conductance', {
          ...own,
          steps: 64,
          quadrature: 'gauss-legendre',
        });
        const trapezoid = await attribute(build(toy), 'layer-conductance', { ...own, steps: 200 });
        const size = sizeOf(values(exact));
        expect(exact.complete).toBe(true);
        expect(exact.convergenceDelta).toBeClose([0], { atol: 1e-6 * size });
        expect(values(trapezoid)).toBeClose(values(exact), { atol: 5e-3 * size });
        const deviation = sum(values(trapezoid).map((v, j) => Math.abs(v - values(exact)[j]!)));
        expect(deviation).toBeLessThanOrEqual(sum(values(exact).map(Math.abs)) * (trapezoid.error![0]! + 1e-9));
      }),
      { numRuns: 30, seed: 6 },
    );
  });

  test('an affine front moves on a straight line: layer integrated gradients', async () => {
    const nodes = { steps: 7, quadrature: 'gauss-legendre' as const };
    await fc.assert(
      fc.asyncProperty(cases(), async ([toy, x, from]) => {
        const own = { ...requestAt(x, from), layer: 'z', ...nodes };
        const layer = values(await attribute(build(toy), 'layer-integrated-gradients', own), 'z');
        const conductance = values(await attribute(build(toy), 'layer-conductance', own), 'z');
        expect(conductance).toBeClose(layer, { atol: 1e-9 * sizeOf(layer) });
      }),
      { numRuns: 30, seed: 1 },
    );
  });
});

describe('difference forms', () => {
  // h = relu(x - 1), F = 2 h, x from 0 to 3: the head is linear, so one panel with both ends is exact: 4.
  const kinked = toyModel({ tensors: { h: ['relu(x0-1)'] }, outputs: ['2*h0'] });
  const request: AttributionRequest = { inputs: { x: float64([1, 1], [3]) }, target: 0, layer: 'h' };

  test.each(['left', 'right', 'midpoint', 'trapezoid'] as const)(
    '%s: a linear head needs one panel',
    async (quadrature) => {
      const a = await attribute(kinked, 'layer-conductance', { ...request, quadrature, steps: 1 });
      expect(values(a)).toBeClose([4], { rtol: 1e-14 });
    },
  );

  // h = (x^2, x), F = h0 h1 = x^3 from 0 to 2. Midpoints 1/2 and 3/2, ends 0, 1, 2: g = (x, x^2);
  // 1/2 * 1 + 3/2 * 3 = 5 and 1/4 * 1 + 9/4 * 1 = 5/2.
  const bent = toyModel({ tensors: { h: ['x0*x0', 'x0'] }, outputs: ['h0*h1'] });
  const cube: AttributionRequest = { ...request, inputs: { x: float64([1, 1], [2]) } };

  test('midpoint: gradients in the middle, values at the ends', async () => {
    const model = toyModel({ tensors: { h: ['x0*x0', 'x0'] }, outputs: ['h0*h1'] });
    const a = await attribute(model, 'layer-conductance', { ...cube, quadrature: 'midpoint', steps: 2 });
    expect(values(a)).toBeClose([5, 2.5], { rtol: 1e-14 });
    // Three ends of panels, and F at the two ends of the path.
    expect(a.evaluations).toEqual({ forward: 5, gradient: 2 });
  });

  test('tangent form: two nodes integrate a cubic path exactly', async () => {
    const a = await attribute(bent, 'layer-conductance', { ...cube, quadrature: 'gauss-legendre', steps: 2 });
    expect(values(a)).toBeClose([16 / 3, 8 / 3], { rtol: 1e-14 });
    expect(a.error).toBeNull();
  });

  // The trapezoid with two panels is (5, 3); with one, half of g(2) = (2, 4) times the change (4, 2): (4, 4).
  test('the stated error is the difference to half the steps', async () => {
    const a = await attribute(bent, 'layer-conductance', { ...cube, steps: 2 });
    expect(values(a)).toBeClose([5, 3], { rtol: 1e-14 });
    expect(a.error).toBeClose([2 / 8], { rtol: 1e-14 });
    expect((await attribute(bent, 'layer-conductance', { ...cube, steps: 3 })).error).toBeNull();
  });

  test('the layer is the input: integrated gradients; the output: its change', async () => {
    const input = await attribute(bent, 'layer-conductance', { ...cube, layer: 'x', quadrature: 'gauss-legendre' });
    expect(values(input, 'x')).toBeClose([8], { rtol: 1e-13 });
    const output = await attribute(bent, 'layer-conductance', { ...cube, layer: 'y', steps: 3 });
    expect(values(output, 'y')).toBeClose([8], { rtol: 1e-13 });
  });

  test('two layers that are a cut together; rows that do not move', async () => {
    const model = toyModel({ tensors: { h: ['x0*x0'], g: ['relu(x0-x1)'] }, outputs: ['h0*g0+g0'] });
    const inputs = { x: float64([2, 2], [3, 1, 0, 0]) };
    const a = await attribute(model, 'layer-conductance', { inputs, target: 0, layer: ['h', 'g'], steps: 2000 });
    expect(a.complete).toBe(true);
    // F = (9 a^2 + 1) 2 a: h gets the integral of 2a * 18a = 12, g that of (9 a^2 + 1) * 2 = 8.
    expect(values(a, 'h')).toBeClose([12, 0], { atol: 1e-5 });
    expect(values(a, 'g')).toBeClose([8, 0], { atol: 1e-5 });
    expect(a.evaluations.gradient).toBe(2001);
  });
});

describe('regions', () => {
  // F = sum of all pixels squared: h = x, so each pixel gets (x^2) inside the box and 0 outside.
  const pixels = Array.from({ length: 12 }, (_, i) => `x${i}*x${i}`);
  const model = (shape: number[]) =>
    toyModel({ inputs: { x: shape }, tensors: { h: pixels }, outputs: [pixels.map((_, i) => `h${i}`).join('+')] });
  const picture = (shape: number[], region: number[]): AttributionRequest => ({
    inputs: {
      x: float64(
        [1, ...shape],
        Array.from({ length: 12 }, (_, i) => i + 1),
      ),
    },
    target: 0,
    layer: 'h',
    steps: 2,
    params: { region },
  });
  const inside = async (shape: number[], region: number[]): Promise<number[]> => {
    const a = await attribute(model(shape), 'layer-conductance', picture(shape, region));
    expect([a.complete, a.convergenceDelta]).toEqual([null, null]);
    return values(a).flatMap((v, i) => (Math.abs(v) < 1e-9 ? [] : [Math.abs(v / (i + 1) ** 2 - 1) < 1e-9 ? i : -1]));
  };

  test('a box is half-open, in all channels, with channels first or last', async () => {
    expect(await inside([3, 4], [0, 1, 2, 3])).toEqual([1, 2, 5, 6]);
    expect(await inside([2, 2, 3], [1, 0, 2, 2])).toEqual([3, 4, 9, 10]);
    expect(await inside([6, 2, 1], [4, 1, 6, 2])).toEqual([9, 11]);
  });

  test('weights are used as they are', async () => {
    const weights = Array.from({ length: 12 }, (_, i) => (i === 0 ? 1 : i === 1 ? -0.5 : 0));
    const a = await attribute(model([12]), 'layer-conductance', picture([12], weights));
    expect(values(a).slice(0, 3)).toBeClose([1, -2, 0], { atol: 1e-12 });
  });

  test.each([
    [[3, 4], [0, 0, 4, 4], /row1 <= 3/],
    [[3, 4], [2, 0, 1, 4], /row0 < row1/],
    [[3, 4], [0, 0, 1.5, 4], /row0,column0/],
    [[12], [1, 0, 1], /12 weights/],
    [[12], Array.from({ length: 12 }, () => 2), /from -1 to 1/],
  ])('shape %o with %o is refused', async (shape, region, message) => {
    const failed = attribute(model(shape), 'layer-conductance', picture(shape, region));
    await expect(failed).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(failed).rejects.toThrow(message);
  });

  test('a region belongs to one input', async () => {
    const two = toyModel({ inputs: { x: 1, c: 1 }, tensors: { h: ['x0*c0'] }, outputs: ['h0'] });
    const inputs = { x: float64([1, 1], [2]), c: float64([1, 1], [3]) };
    const request = { inputs, target: 0, layer: 'h', params: { region: [1] } };
    await expect(attribute(two, 'layer-conductance', request)).rejects.toThrow('x, c');
    const one = await attribute(two, 'layer-conductance', { ...request, constants: ['c'] });
    expect(values(one)).toBeClose([6]);
  });

  // F = h = x0 x1 from 0: half of it comes from each factor.
  test('an input that is one example as a whole', async () => {
    const whole = toyModel({ tensors: { h: ['x0*x1'] }, outputs: ['h0'], whole: ['x'] });
    const request = { inputs: { x: float64([2], [2, 3]) }, target: 0, layer: 'h', params: { region: [1, 0] } };
    expect(values(await attribute(whole, 'layer-conductance', request))).toBeClose([3], { rtol: 1e-13 });
  });

  test.each([{ params: { region: [1, 1] } }, { quadrature: 'gauss-legendre' as const }])(
    'a model without tangents: %o fails before anything is computed',
    async (more) => {
      const poor = toyModel({ outputs: ['x0*x1'], withoutCapabilities: ['tangent'] });
      const request = { inputs: { x: float64([1, 2], [1, 2]) }, target: 0, layer: 'x' };
      await expect(attribute(poor, 'layer-conductance', { ...request, ...more })).rejects.toMatchObject({
        code: 'UNSUPPORTED_METHOD',
      });
      expect(poor.counters).toEqual({ forward: 0, gradient: 0 });
      await attribute(poor, 'layer-conductance', request);
    },
  );
});
