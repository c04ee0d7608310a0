import { toleranceParam } from '../coalitions/accuracy.ts';
import { checkRegressed } from '../coalitions/drawn-design.ts';
import { localDesign } from '../coalitions/local-design.ts';
import { localSolver } from '../coalitions/local-regression.ts';
import { playersOf } from '../coalitions/players.ts';
import { regress } from '../coalitions/regress.ts';
import type { Method } from '../method.ts';
import { coalitionMethod } from './occlusion.ts';

/** Of the square root of the number of players, as in the authors' package for tables. */
const DEFAULT_WIDTH = 0.75;

/**
 * The slopes of a linear model of v(S) in who is present, fitted near the input: coalitions weigh
 * exp(-absent players / width^2).
 *
 * @source Ribeiro, Singh, Guestrin 2016, arXiv:1602.04938
 */
export const lime: Method = {
  ...coalitionMethod,
  id: 'lime',
  title: 'LIME',
  summary: 'Slopes of a linear model of the target in which features, or groups, are present, fitted near the input.',
  random: true,
  params: [
    {
      name: 'samples',
      type: 'integer',
      default: 0,
      min: 0,
      doc: 'Coalitions drawn; 0 means 2n + 2048. With 2^n or more all are taken and nothing is drawn.',
    },
    {
      name: 'width',
      type: 'number',
      default: 0,
      min: 0,
      doc: 'Coalitions weigh exp(-absent / width^2); 0 means 0.75 times the square root of the number of players.',
    },
    { name: 'ridge', type: 'number', default: 0, min: 0, doc: 'Penalty on squared slopes; the weights sum to 1.' },
    toleranceParam,
  ],
  claims: ['linearity', 'implementation-invariance', 'affine-scale-invariance'],
  reference: 'Ribeiro, Singh, Guestrin 2016, arXiv:1602.04938',
  async attribute(context) {
    const { params, request, method } = context;
    const players = playersOf(context);
    const { count } = players;
    checkRegressed(method, count);
    const asked = Number(params['samples']);
    const width = Number(params['width']) === 0 ? DEFAULT_WIDTH * Math.sqrt(count) : Number(params['width']);
    const design = localDesign(count, asked === 0 ? 2 * count + 2048 : asked, width, request.seed ?? 0);
    const ridge = Number(params['ridge']);
    const { outcome, drawn } = await regress(context, players, {
      design,
      solverFor: (weights) => localSolver(count, design.coalitions, weights, ridge),
      enough: `more samples, or a larger width than ${width}, so that every player is absent now and then`,
    });
    const resolved = { ...outcome, params: { ...outcome.params, width } };
    return drawn ? resolved : { ...resolved, exact: true };
  },
};
