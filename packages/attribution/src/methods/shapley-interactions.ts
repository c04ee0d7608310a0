import { allValues, valuesOfMasks } from '../coalitions/all-values.ts';
import { bitCount, checkMasked } from '../coalitions/bits.ts';
import { gameOf, type Game } from '../coalitions/game.ts';
import { playerOutcome } from '../coalitions/outcome.ts';
import { playersOf, type PlayerMap } from '../coalitions/players.ts';
import { dividends } from '../interactions/dividends.ts';
import { setsUpTo } from '../interactions/dividends-of-sets.ts';
import { effectsOf, singleEffects, type Effects } from '../interactions/effects.ts';
import { interactionIndex } from '../interactions/indices.ts';
import { listInteractions } from '../interactions/listed.ts';
import { keepParam } from '../interactions/order-param.ts';
import { roundingOf } from '../interactions/rounding.ts';
import type { Method } from '../method.ts';
import { ablationClaims, coalitionMethod } from './occlusion.ts';
import { checkCount, maxPlayersParam } from './shapley.ts';

const indices = ['shapley-taylor', 'shapley-interaction', 'finite-difference'] as const;
type Index = (typeof indices)[number];

/**
 * What features do in pairs, triples, ...: the Shapley-Taylor index, which shares F(x) - F(x') among single features and sets
 * of them, the Shapley interaction index, which extends Shapley values, or how much more the removal of two features costs
 * together than one by one.
 *
 * @source Dhamdhere, Agarwal, Sundararajan 2020, arXiv:1902.05622; Grabisch, Roubens 1999
 */
export const shapleyInteractions: Method = {
  ...coalitionMethod,
  id: 'shapley-interactions',
  title: 'Shapley interactions',
  summary: 'What pairs of features, or larger sets, contribute together, over all coalitions.',
  params: [
    {
      name: 'index',
      type: 'choice',
      default: 'shapley-taylor',
      choices: indices,
      doc: 'Complete (shapley-taylor), an extension of Shapley values, or pairs at the input without all coalitions.',
    },
    { name: 'order', type: 'integer', default: 2, min: 1, max: 24, doc: 'Players of a set at most.' },
    maxPlayersParam,
    keepParam,
  ],
  claims: ablationClaims,
  reference: 'Dhamdhere, Agarwal, Sundararajan 2020, arXiv:1902.05622; Grabisch, Roubens 1999',
  async attribute(context) {
    const { method, model, params, rows } = context;
    const players = playersOf(context);
    const index = params['index'] as Index;
    checkMasked(method, players.count);
    if (index !== 'finite-difference') checkCount(method, players.count, Number(params['maxPlayers']));
    const game = await gameOf(context, players);
    const order = Math.min(players.count, Number(params['order']));
    const found =
      index === 'finite-difference' ? await pairsAtInput(game, players) : await ofAll(game, players, index, order);
    const perPlayer = found.map(({ effects }) => singleEffects(effects, players.count));
    return {
      ...playerOutcome(context, game, players, perPlayer),
      // Single effects are not meant to sum to the change; those of the Shapley-Taylor index do so with the sets.
      convergenceDelta: null,
      ...(index === 'finite-difference' ? {} : { exact: true }),
      interactions: Array.from({ length: rows }, (_, row) => {
        const rounding = roundingOf(model.engine, found[row].values);
        // A sum of 2^s values of v, or a mean of such sums.
        const noise = (size: number): number => 2 ** (size / 2) * rounding;
        const keep = Number(params['keep']);
        return listInteractions(found[row].effects, { index, players: players.count, keep, noise });
      }),
    };
  },
};

interface Found {
  readonly effects: Effects;
  readonly values: Iterable<number>;
}

async function ofAll(
  game: Game,
  players: PlayerMap,
  index: Exclude<Index, 'finite-difference'>,
  order: number,
): Promise<Found[]> {
  const values = await allValues(game, players);
  return values.map((v) => ({ values: v, effects: effectsOf(interactionIndex(index, dividends(v), order)) }));
}

/** v(all) - v(all but i) - v(all but j) + v(all but both), and v(all) - v(all but i) of single players. */
async function pairsAtInput(game: Game, players: PlayerMap): Promise<Found[]> {
  const everyone = 2 ** players.count - 1;
  const absent = setsUpTo(players.count, 2);
  const masks = absent.map((mask) => everyone ^ mask);
  const values = await valuesOfMasks(game, players, masks);
  return values.map((v) => {
    const loss = (mask: number): number => v(everyone) - v(everyone ^ mask);
    const effects = new Map<number, number>();
    for (const mask of absent) {
      const one = mask & -mask;
      effects.set(mask, bitCount(mask) === 1 ? loss(mask) : loss(one) + loss(mask ^ one) - loss(mask));
    }
    return { values: masks.map(v), effects: effectsOf(effects) };
  });
}
