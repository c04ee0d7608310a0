import { float64, int64 } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import {
  checkAxioms,
  methodById,
  methods,
  type AttributionRequest,
  type Certificate,
  type Method,
} from '../src/index.ts';
import { spoiledMethod } from './spoiled-method.ts';

const options = { precision: 'float64' as const };
const model = toyModel({
  tensors: { h: ['relu(x0+x1-0.3)', 'tanh(x2-x3)'] },
  outputs: ['h0*h1+x0*x3', 'x0*x0+h0'],
});
// Players (x0, x1), (x2) and (x3); rows differ.
const request: AttributionRequest = {
  inputs: { x: float64([2, 4], [1.1, 0.7, -0.4, 0.9, 0.3, -0.9, 1.7, 0.4]) },
  baseline: float64([4], [0.1, -0.2, 0.3, 0]),
  featureMask: int64([4], [0, 0, 4, 7]),
  target: 0,
};
const verdicts = ({ axioms }: Certificate): Record<string, string> =>
  Object.fromEntries(axioms.map((e) => [e.axiom, e.verdict]));

describe('axioms with a feature mask', () => {
  test.each(
    methods.filter(({ takes, claims }) => takes.featureMask === true && claims.length > 0).map((m) => [m.id, m]),
  )('%s: no claimed axiom fails', async (_, method) => {
    const { params } = method as Method;
    const samples = params.some(({ name, default: value }) => name === 'samples' && Number(value) > 8);
    const own = { ...request, ...(samples && { params: { samples: 8 } }) };
    const certificate = await checkAxioms(model, method as Method, own, options);
    expect(certificate).toMatchObject({ players: 3, rows: 2 });
    expect(
      certificate.axioms.filter(({ claimed, verdict }) => claimed && (verdict === 'violated' || verdict === 'error')),
    ).toEqual([]);
  });

  test('features are players: shapley holds all that it claims, occlusion misses the sum', async () => {
    const shapley = await checkAxioms(model, 'shapley', request, options);
    expect(verdicts(shapley)).toMatchObject({
      completeness: 'proved',
      dummy: 'proved',
      symmetry: 'proved',
      'affine-scale-invariance': 'proved',
      proportionality: 'violated',
    });
    // Proportionality is about six parts of the sum, not about players.
    const { axioms } = shapley;
    const named = axioms.flatMap(({ axiom, worst }) => (axiom === 'proportionality' ? [] : (worst?.feature ?? [])));
    for (const player of named) expect([0, 1, 2]).toContain(player);
    expect(verdicts(await checkAxioms(model, 'occlusion', request, options)).completeness).toBe('violated');
  });

  test('other implementations are compared by players', async () => {
    const other = toyModel({
      tensors: { h: ['relu(x0+x1-0.3)', 'tanh(x2-x3)'] },
      outputs: ['x3*x0+h1*h0', 'x0*x0+h0'],
    });
    const equalModels = [{ name: 'other', model: other }];
    const axioms = ['implementation-invariance'] as const;
    const found = await checkAxioms(model, 'shapley', request, { ...options, axioms, equalModels });
    expect(found.axioms[0]).toMatchObject({ verdict: 'proved', trials: 2 });
  });

  // The mean over baselines: v(S) is a mean of F.
  test('over a set of baselines', async () => {
    const baseline = { set: float64([2, 4], [0.1, -0.2, 0.3, 0, 1, 0.2, 0, 0.5]) };
    const found = await checkAxioms(model, 'shapley', { ...request, baseline }, options);
    expect(verdicts(found)).toMatchObject({ completeness: 'proved', symmetry: 'proved' });
  });

  test('a control: a method that favours a player', async () => {
    const biased = spoiledMethod(methodById('shapley'), (v, i) => v * (i === 0 ? 1.1 : 1));
    expect(verdicts(await checkAxioms(model, biased, request, options))).toMatchObject({
      completeness: 'violated',
      symmetry: 'violated',
    });
  });

  test('a method without masks refuses one', async () => {
    await expect(checkAxioms(model, 'integrated-gradients', request, options)).rejects.toThrow(/takes no featureMask/);
  });
});
