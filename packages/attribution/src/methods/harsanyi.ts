import { valuesOfMasks } from '../coalitions/all-values.ts';
import { gameOf } from '../coalitions/game.ts';
import { playerOutcome } from '../coalitions/outcome.ts';
import { playersOf } from '../coalitions/players.ts';
import { setsUpTo } from '../interactions/dividends-of-sets.ts';
import { effectsOfGame, singleEffects } from '../interactions/effects.ts';
import { listInteractions } from '../interactions/listed.ts';
import { keepParam, orderParam, resolveOrder } from '../interactions/order-param.ts';
import { roundingOf } from '../interactions/rounding.ts';
import type { Method } from '../method.ts';
import { ablationClaims, coalitionMethod } from './occlusion.ts';
import { checkCount, maxPlayersParam } from './shapley.ts';

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
  params: [orderParam, maxPlayersParam, keepParam],
  claims: ablationClaims,
  reference: 'Harsanyi 1963; Deng et al. 2023, arXiv:2303.01506',
  async attribute(context) {
    const { method, model, params, rows } = context;
    const players = playersOf(context);
    const { count } = players;
    const order = resolveOrder(method, Number(params['order']), count);
    if (order === count) checkCount(method, count, Number(params['maxPlayers']));
    const game = await gameOf(context, players);
    const masks = setsUpTo(count, order);
    const values = await valuesOfMasks(game, players, masks);
    const effects = values.map((v) => effectsOfGame(v, masks, count));
    const perPlayer = effects.map((own) => singleEffects(own, count));
    return {
      ...playerOutcome(context, game, players, perPlayer),
      // Single effects are not meant to sum to the change: all effects together do.
      convergenceDelta: null,
      ...(order === count ? { exact: true } : {}),
      interactions: Array.from({ length: rows }, (_, row) => {
        const rounding = roundingOf(model.engine, masks.map(values[row]));
        const noise = (size: number): number => 2 ** (size / 2) * rounding;
        const keep = Number(params['keep']);
        return listInteractions(effects[row], { index: 'harsanyi', players: count, keep, noise });
      }),
    };
  },
};
