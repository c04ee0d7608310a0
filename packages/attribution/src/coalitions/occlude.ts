import type { Warning } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { Outcome } from '../method.ts';
import type { ParamSpec } from '../params.ts';
import { evaluateCoalitions, gameOf, type Game } from './game.ts';
import { playerOutcome, splitElements, sumsOf } from './outcome.ts';
import { playersOf } from './players.ts';
import { windowsOf, type Windows } from './windows.ts';

export const windowParams: readonly ParamSpec[] = [
  {
    name: 'window',
    type: 'numbers',
    default: [],
    min: 1,
    doc: 'Size of the window along each axis of a row; one number k means all channels and k of every other axis.',
  },
  {
    name: 'strides',
    type: 'numbers',
    default: [],
    min: 1,
    doc: 'Step of the window along each axis of a row.',
  },
  {
    name: 'edges',
    type: 'choice',
    default: 'cover',
    choices: ['cover', 'inside'],
    doc: 'Cover the input, cutting the last windows at the border, or take only whole windows inside.',
  },
  {
    name: 'overlap',
    type: 'choice',
    default: 'mean',
    choices: ['mean', 'sum'],
    doc: 'What an element gets of the windows that hold it.',
  },
];

/** F(x) - F(x with the group at the baseline) for each player of the request. */
export async function ablatePlayers(context: Context): Promise<Outcome> {
  const players = playersOf(context);
  const game = await gameOf(context, players);
  return playerOutcome(
    context,
    game,
    players,
    await differences(game, players.elements, (k) => `player ${players.ids[k]}`),
  );
}

/** Every element gets the mean (or sum) of F(x) - F(x with the window at the baseline) over the windows that hold it. */
export async function slideWindows(context: Context, patch: boolean): Promise<Outcome> {
  const { method, sources, params } = context;
  const windows = windowsOf(method, sources, params, patch);
  const game = await gameOf(context);
  const perWindow = await differences(game, windows, (k) => `window ${k}`);
  const counts = new Float64Array(game.size);
  for (const window of windows) for (const element of window) counts[element]++;
  const vectors = perWindow.map((own) => {
    const sums = new Float64Array(game.size);
    for (const [k, window] of windows.entries()) for (const element of window) sums[element] += own[k];
    return params['overlap'] === 'sum'
      ? sums
      : sums.map((sum, element) => (counts[element] === 0 ? 0 : sum / counts[element]));
  });
  const outcome = { ...sumsOf(game, vectors), attributions: splitElements(context, game, vectors) };
  const warnings = [...(outcome.warnings ?? []), ...uncovered(counts)];
  if (sources.every(({ ids }) => ids === null)) return { ...outcome, warnings };
  // A token's elements move together: it counts once.
  const players = playersOf(context);
  const perPlayer = vectors.map((vector) => Float64Array.from(players.elements, ([element]) => vector[element]));
  return { ...playerOutcome(context, game, players, perPlayer), warnings };
}

async function differences(game: Game, groups: Windows, name: (group: number) => string): Promise<Float64Array[]> {
  const { rows, atInput, evaluation } = game;
  const values = await evaluateCoalitions(
    game,
    {
      count: groups.length,
      mark(k, present) {
        present.fill(1);
        for (const element of groups[k]) present[element] = 0;
      },
      describe: (k) => `all but ${name(k)}`,
    },
    { onDone: (done) => evaluation.onProgress?.({ phase: 'coalitions', done, total: groups.length }) },
  );
  return Array.from({ length: rows }, (_, row) =>
    Float64Array.from({ length: groups.length }, (__, k) => atInput[row] - values[k * rows + row]),
  );
}

function uncovered(counts: Float64Array): Warning[] {
  const missed = counts.reduce((sum, count) => sum + (count === 0 ? 1 : 0), 0);
  const message = `no window holds ${missed} of ${counts.length} elements of a row: their attribution is 0`;
  return missed === 0 ? [] : [{ code: 'not-covered', message }];
}
