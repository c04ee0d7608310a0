import type { Allocation } from '@pathwise/model';
import { attributeCopies, checkBaseline } from '../allocation/attribute-copies.ts';
import { measureAllocation } from '../allocation/measure.ts';
import { valuesOfMasks } from '../coalitions/all-values.ts';
import { gameOf } from '../coalitions/game.ts';
import { playerOutcome } from '../coalitions/outcome.ts';
import { playersOf } from '../coalitions/players.ts';
import type { Context } from '../context.ts';
import { setsUpTo } from '../interactions/dividends-of-sets.ts';
import { effectsOfGame, singleEffects } from '../interactions/effects.ts';
import { listInteractions } from '../interactions/listed.ts';
import { keepParam, orderParam, resolveOrder } from '../interactions/order-param.ts';
import { roundingOf } from '../interactions/rounding.ts';
import type { Method, Outcome } from '../method.ts';
import { checkSupport } from '../support.ts';
import { coalitionMethod } from './occlusion.ts';

/** Copies of a row at most. */
const MOST_COPIES = 2 ** 16;

/** Measured where nothing else is asked: they need no more than gradients, and take any baseline. */
const usual = ['shapley', 'integrated-gradients', 'occlusion'];

/**
 * The independent effects of players, the effects of sets of them, and how methods allot these: each method is run at the
 * input and at its copies with players at the baseline.
 *
 * @param known - the methods among which the measured ones are chosen
 * @source Deng et al. 2023, arXiv:2303.01506, for effects and principles; measuring them at masked inputs is ours
 */
export function taylorAllocation(known: readonly Method[]): Method {
  const measurable = new Map(known.filter(isMeasurable).map((method) => [method.id, method]));
  const chosen = (ids: unknown): Method[] => (ids as readonly string[]).flatMap((id) => measurable.get(id) ?? []);
  return {
    ...coalitionMethod,
    id: 'taylor-allocation',
    title: 'Allocation of effects',
    summary:
      'What features do alone and together, and how methods share it out: misplaced, missing and repeated parts.',
    needsFor: ({ params }) => [
      ...new Set(chosen(params?.['methods'] ?? usual).flatMap(({ needs }) => needs.filter(isGeneral))),
    ],
    takes: { ...coalitionMethod.takes, baseline: 'one', quadrature: true },
    random: true,
    params: [
      {
        name: 'methods',
        type: 'choices',
        default: usual,
        choices: [...measurable.keys()],
        doc: 'The methods to measure, each with its default parameters.',
      },
      orderParam,
      {
        ...keepParam,
        doc: 'Effects that the result lists with what each player got of them, strongest first, and larger sets.',
      },
      {
        name: 'limit',
        type: 'number',
        default: 0.01,
        min: 0,
        doc: 'Share that may be misplaced or missed where a principle is still said to hold.',
      },
    ],
    // Its attributions are those of harsanyi, which claims what holds for them.
    claims: [],
    reference: 'Deng et al. 2023, arXiv:2303.01506',
    attribute: (context) => allocate(context, chosen(context.params['methods'])),
  };
}

/** Attributions of every element of the inputs in output units, of the target. */
function isMeasurable({ takes, unit, perPixel = false }: Method): boolean {
  const ofInput = takes.layer === false || takes.layer === 'optional';
  return ofInput && !perPixel && takes.neuron === false && takes.target && unit === 'contribution';
}

/** Predictions are needed anyway; propagation depends on the rules: it is asked for each method by itself. */
function isGeneral(capability: string): boolean {
  return capability !== 'propagate' && capability !== 'predict';
}

async function allocate(context: Context, methods: readonly Method[]): Promise<Outcome> {
  const { model, params, rows, evaluation, request, method: id } = context;
  for (const method of methods) checkSupport(model, method, { ...request, params: {}, exact: undefined });
  const players = playersOf(context);
  const { count } = players;
  const order = resolveOrder(id, Number(params['order']), count, MOST_COPIES);
  const game = await gameOf(context, players);
  for (const method of methods) checkBaseline(context, method, game);
  const masks = setsUpTo(count, order);
  // The row itself is measured too, whatever the order.
  const copies = order === count ? masks : [...masks, 2 ** count - 1];
  const values = await valuesOfMasks(game, players, masks);
  const keep = Number(params['keep']);
  const total = rows * methods.length * copies.length;
  const allocation: Allocation[][] = [];
  for (const [row, v] of values.entries()) {
    const rounding = roundingOf(model.engine, copies.map(v));
    const ofRow: Allocation[] = [];
    for (const method of methods) {
      const before = (row * methods.length + ofRow.length) * copies.length;
      const found = await attributeCopies(context, method, game, players, {
        row,
        masks: copies,
        v,
        onDone: (done) => evaluation.onProgress?.({ phase: method.id, done: before + done, total }),
      });
      const attributions = (mask: number): Float64Array => found.get(mask) as Float64Array;
      const measured = { method: method.id, players: count, masks, v, attributions, rounding };
      ofRow.push(measureAllocation(measured, { keep, limit: Number(params['limit']) }));
    }
    allocation.push(ofRow);
  }
  const effects = values.map((v) => effectsOfGame(v, masks, count));
  return {
    ...playerOutcome(
      context,
      game,
      players,
      effects.map((own) => singleEffects(own, count)),
    ),
    convergenceDelta: null,
    interactions: effects.map((own, row) => {
      const rounding = roundingOf(model.engine, masks.map(values[row]));
      const noise = (size: number): number => 2 ** (size / 2) * rounding;
      return listInteractions(own, { index: 'harsanyi', players: count, keep, noise });
    }),
    allocation,
  };
}
