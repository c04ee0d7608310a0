import { evaluateCoalitions, type Game } from './game.ts';
import { maskedCoalitions } from './player-coalitions.ts';
import type { PlayerMap } from './players.ts';

/** v of all coalitions by bit mask, one list a row; bit i set: player i is present. */
export async function allValues(game: Game, players: PlayerMap): Promise<Float64Array[]> {
  const { rows, atInput, atBaseline } = game;
  const inner = 2 ** players.count - 2;
  const values = await innerValues(game, players, inner, (k) => k + 1);
  return Array.from({ length: rows }, (_, row) => {
    const v = new Float64Array(inner + 2);
    v[0] = atBaseline[row];
    for (let k = 0; k < inner; k++) v[k + 1] = values[k * rows + row];
    v[inner + 1] = atInput[row];
    return v;
  });
}

/** v of the coalitions of some bit masks, and of nobody and all: a function a row. */
export async function valuesOfMasks(
  game: Game,
  players: PlayerMap,
  masks: readonly number[],
): Promise<((mask: number) => number)[]> {
  const { rows, atInput, atBaseline } = game;
  const everyone = 2 ** players.count - 1;
  const inner = masks.filter((mask) => mask !== 0 && mask !== everyone);
  const values = await innerValues(game, players, inner.length, (k) => inner[k]);
  const at = new Map(inner.map((mask, k) => [mask, k]));
  return Array.from({ length: rows }, (_, row) => (mask: number): number => {
    if (mask === 0) return atBaseline[row];
    return mask === everyone ? atInput[row] : values[(at.get(mask) as number) * rows + row];
  });
}

function innerValues(
  game: Game,
  players: PlayerMap,
  total: number,
  maskOf: (k: number) => number,
): Promise<Float64Array> {
  const { onProgress } = game.evaluation;
  return evaluateCoalitions(game, maskedCoalitions(players, total, maskOf), {
    onDone: (done) => onProgress?.({ phase: 'coalitions', done, total }),
  });
}
