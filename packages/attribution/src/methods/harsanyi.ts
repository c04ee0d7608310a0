import { allValues, valuesOfMasks } from '../coalitions/all-values.ts';
import { checkMasked } from '../coalitions/bits.ts';
import { gameOf, type Game } from '../coalitions/game.ts';
import { playerOutcome } from '../coalitions/outcome.ts';
import { playersOf, type PlayerMap } from '../coalitions/players.ts';
import { dividendsOfSets, setsUpTo } from '../interactions/dividends-of-sets.ts';
import { dividends } from '../interactions/dividends.ts';
import { effectsOf, effectsOfAll, singleEffects, type Effects } from '../interactions/effects.ts';
import { listInteractions } from '../interactions/listed.ts';
import { roundingOf } from '../interactions/rounding.ts';
import type { Method } from '../method.ts';
import type { ParamSpec } from '../params.ts';
import { ablationClaims, coalitionMethod } from './occlusion.ts';
import { checkCount, maxPlayersParam } from './shapley.ts';

export const keepParam: ParamSpec = {
  name: 'keep',
  type: 'integer',
  default: 100,
  min: 0,
  doc: 'Sets of three players and more that the result lists, strongest first; pairs are all there.',
};

/**
 * What single players, and sets of them, add beyond all smaller sets:
 * J(S) = sum over T in S of (-1)^(|S| - |T|) v(T). A single player's effect is F(x' with x_i) - F(x').
 *
 * @source Harsanyi 1963; as independent and interaction effects of a model: Deng et al. 2023, arXiv:2303.01506
 */
export const harsanyi: Method = {
  ...coalitionMethod,
  id: 'harsanyi',
  title: 'Harsanyi dividends',
  summary: 'What each feature adds by itself, and each set of features beyond all of its subsets.',
  params: [
    {
      name: 'order',
      type: 'integer',
      default: 0,
      min: 0,
      doc: 'Players of a set at most; 0 for all sets, which takes all 2^n coalitions.',
    },
    maxPlayersParam,
    keepParam,
  ],
  claims: ablationClaims,
  reference: 'Harsanyi 1963; Deng et al. 2023, arXiv:2303.01506',
  async attribute(context) {
    const { method, model, params, rows } = context;
    const players = playersOf(context);
    const { count } = players;
    const order = Math.min(count, Number(params['order']) || count);
    if (order === count) checkCount(method, count, Number(params['maxPlayers']));
    checkMasked(method, count);
    const game = await gameOf(context, players);
    const found = order === count ? await ofAll(game, players) : await upTo(game, players, order);
    const perPlayer = found.map(({ effects }) => singleEffects(effects, count));
    return {
      ...playerOutcome(context, game, players, perPlayer),
      // Single effects are not meant to sum to the change: all effects together do.
      convergenceDelta: null,
      ...(order === count ? { exact: true } : {}),
      interactions: Array.from({ length: rows }, (_, row) => {
        const rounding = roundingOf(model.engine, found[row].values);
        const noise = (size: number): number => 2 ** (size / 2) * rounding;
        const keep = Number(params['keep']);
        return listInteractions(found[row].effects, { index: 'harsanyi', players: count, keep, noise });
      }),
    };
  },
};

interface Found {
  readonly effects: Effects;
  /** The values of v that they come from. */
  readonly values: Iterable<number>;
}

async function ofAll(game: Game, players: PlayerMap): Promise<Found[]> {
  return (await allValues(game, players)).map((values) => ({ values, effects: effectsOfAll(dividends(values)) }));
}

async function upTo(game: Game, players: PlayerMap, order: number): Promise<Found[]> {
  const masks = setsUpTo(players.count, order);
  const values = await valuesOfMasks(game, players, masks);
  return values.map((v) => ({ values: masks.map(v), effects: effectsOf(dividendsOfSets(v, masks)) }));
}
