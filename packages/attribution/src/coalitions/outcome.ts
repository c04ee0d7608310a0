import type { Tensor, Warning } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { Outcome } from '../method.ts';
import { splitRows } from '../outcome.ts';
import { isStill } from '../path.ts';
import type { Estimate } from './drawn-design.ts';
import type { Game } from './game.ts';
import type { PlayerMap } from './players.ts';

/** What an outcome is told of a game: paths, the baselines they start from, and F at both ends. */
type Played = Pick<Game, 'paths' | 'baselines' | 'rows' | 'atInput' | 'atBaseline'>;

/** The outcome of a method that gives each player a value; every element carries that of its player. */
export function playerOutcome(
  context: Context,
  game: Played,
  players: PlayerMap,
  perPlayer: readonly Float64Array[],
  standardErrors: readonly Float64Array[] | null = null,
): Outcome {
  const spread = (vectors: readonly Float64Array[]): Record<string, Tensor> =>
    splitElements(
      context,
      game,
      vectors.map((vector) => Float64Array.from(players.ofElement, (player) => (player < 0 ? 0 : vector[player]))),
    );
  return {
    ...sumsOf(game, perPlayer),
    attributions: spread(perPlayer),
    ...(standardErrors === null ? {} : { standardErrors: spread(standardErrors) }),
    players: players.reported,
    perPlayer: perPlayer.map((vector) => Array.from(vector)),
  };
}

/** The outcome of a regression on coalitions: values of every row, with standard errors where draws allow to state them. */
export function fittedOutcome(
  context: Context,
  game: Game,
  players: PlayerMap,
  { estimates, drawn }: { readonly estimates: readonly Estimate[]; readonly drawn: boolean },
): Outcome {
  const known = estimates.flatMap(({ errors }) => errors ?? []);
  const values = estimates.map((estimate) => estimate.values);
  const outcome = playerOutcome(context, game, players, values, known.length === estimates.length ? known : null);
  const unknown = { code: 'no-standard-errors', message: 'too few draws to state an error. Raise samples' };
  return {
    ...outcome,
    params: { samples: Math.max(...estimates.map(({ coalitions }) => coalitions)) },
    warnings: [...(outcome.warnings ?? []), ...(drawn && known.length === 0 ? [unknown] : [])],
  };
}

/** What is said of the outputs and of the sum of `values`, one list a row. */
export function sumsOf(
  game: Played,
  values: readonly Float64Array[],
): Omit<Outcome, 'attributions'> & { readonly outputAtInput: readonly number[] } {
  const { atInput, atBaseline } = game;
  return {
    outputAtInput: atInput,
    outputAtBaseline: atBaseline,
    convergenceDelta: values.map((own, row) => own.reduce((a, b) => a + b, 0) - (atInput[row] - atBaseline[row])),
    warnings: stillWarnings(game),
  };
}

/** One vector a row over all attributed elements, as tensors. */
export function splitElements(
  { sources }: Context,
  { paths }: Pick<Game, 'paths'>,
  vectors: readonly Float64Array[],
): Record<string, Tensor> {
  const batched = (name: string): boolean => sources.find((source) => source.name === name)?.batched ?? true;
  return splitRows(paths.moving, vectors, batched);
}

function stillWarnings({ paths, baselines, rows }: Played): Warning[] {
  const still = Array.from({ length: rows }, (_, row) => row).filter((row) =>
    baselines.weights.some((_, k) => isStill(paths, row * baselines.count + k)),
  );
  const message = `the input equals a baseline in row ${still.join(', ')}: nothing to attribute`;
  return still.length === 0 ? [] : [{ code: 'input-is-baseline', message }];
}
