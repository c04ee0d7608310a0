import { expect } from 'vitest';
import { toyModel, type ToyModel } from '../../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../../src/index.ts';
import { attributionsOf, row, type Computed, type ReferenceCase } from './reference-case.ts';

const DESCRIPTION =
  '4x4 grid, cells numbered row by row from 0, start at cell 0, four moves (a move off the grid stays). R = reward per ' +
  'cell, 0 except at cells [1,2,4,6,9,11,13,15] which take x0..x7. V = 0; six times: V[s] = R[s] + tau*(log(sum over the ' +
  'four moves of exp(V[next]/tau)) - log 4), all cells at once. F = V[0]. tau = 0.25.';
const REWARDED = [1, 2, 4, 6, 9, 11, 13, 15];
const TAU = 0.25;

/** Where the four moves from a cell lead. */
function movesOf(cell: number): number[] {
  const [r, c] = [Math.floor(cell / 4), cell % 4];
  const inside = (k: number): number => Math.min(3, Math.max(0, k));
  return [
    [r - 1, c],
    [r + 1, c],
    [r, c - 1],
    [r, c + 1],
  ].map(([i = 0, j = 0]) => 4 * inside(i) + inside(j));
}

/** F as algebra: the values after the first of the six times are the rewards, and each later time is a tensor. */
function gridModel(): ToyModel {
  const rewardOf = (cell: number): string => (REWARDED.includes(cell) ? `x${REWARDED.indexOf(cell)}` : '0*x0');
  const cells = Array.from({ length: 16 }, (_, cell) => cell);
  const names = ['a', 'b', 'c', 'd', 'e'];
  const next = (cell: number, from: string): string =>
    `${rewardOf(cell)}+${TAU}*(ln(${movesOf(cell)
      .map((to) => `exp(${from}${to}/${TAU})`)
      .join('+')})-ln(4))`;
  const tensors = Object.fromEntries(
    names.map((name, k) => [name, cells.map((s) => (k === 0 ? rewardOf(s) : next(s, names[k - 1] as string)))]),
  );
  return toyModel({ inputs: { x: REWARDED.length }, tensors, outputs: [next(0, 'e')] });
}

/** Shapley values, integrated gradients and Shapley integrated gradients of the grid world. */
export async function gridWorld(c: ReferenceCase): Promise<Computed> {
  expect((c.function as unknown as { description: string }).description).toBe(DESCRIPTION);
  const { seed, rounds, steps, normalize } = c.params as Record<'seed' | 'rounds' | 'steps', number> & {
    normalize: string;
  };
  const [x, baseline] = [c.inputs['x'], c.inputs['baseline']] as [number[], number[]];
  const run = (method: string, more: Partial<AttributionRequest> = {}) =>
    attribute(gridModel(), method, { inputs: { x: row(x) }, baseline: row(baseline), target: 0, ...more });
  const gauss = { quadrature: 'gauss-legendre' } as const;
  const sig = (params: AttributionRequest['params'], more = {}) =>
    run('shapley-integrated-gradients', {
      ...more,
      ...(params?.['contribution'] !== 'marginal' && { ...gauss, steps }),
      params: { normalize, ...params },
    });
  const shapley = await run('shapley');
  const computed: Record<string, unknown> = {
    value: shapley.outputAtInput,
    valueAtBaseline: shapley.outputAtBaseline,
    shapley: attributionsOf(shapley),
    integratedGradients64GaussLegendre: attributionsOf(await run('integrated-gradients', { ...gauss, steps: 64 })),
    'allCoalitions set-mean': attributionsOf(await sig({ contribution: 'set-mean', coalitions: 'all' })),
  };
  const used: Record<string, number> = {};
  for (const contribution of ['set-mean', 'conditional', 'marginal']) {
    const a = await sig({ contribution, rounds }, { seed });
    computed[`oneRound ${contribution}`] = attributionsOf(a);
    used[contribution] = contribution === 'marginal' ? a.evaluations.forward : a.evaluations.gradient / steps;
  }
  return { ...computed, coalitionsUsed: used };
}
