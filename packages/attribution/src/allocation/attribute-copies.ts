import { argumentError, toFloat64 } from '@pathwise/model';
import { sumByPlayer } from '../coalitions/coalition-paths.ts';
import type { Game } from '../coalitions/game.ts';
import type { PlayerMap } from '../coalitions/players.ts';
import type { Context } from '../context.ts';
import { joinRow } from '../evaluate/points.ts';
import type { Method, Outcome } from '../method.ts';
import { maskedContext } from './masked-context.ts';

/** Copies that a method explains together: it keeps a few vectors for each. */
const COPIES_AT_ONCE = 64;

export interface CopiesJob {
  readonly row: number;
  /** The players that keep their values, a copy each. */
  readonly masks: readonly number[];
  /** F at a copy. */
  readonly v: (mask: number) => number;
  readonly onDone: (copies: number) => void;
}

/** What each player gets from a method at copies of a row with the other players at the baseline, by the copy's mask. */
export async function attributeCopies(
  context: Context,
  method: Method,
  game: Game,
  players: PlayerMap,
  { row, masks, v, onDone }: CopiesJob,
): Promise<Map<number, Float64Array>> {
  const found = new Map<number, Float64Array>();
  for (let start = 0; start < masks.length; start += COPIES_AT_ONCE) {
    const part = masks.slice(start, start + COPIES_AT_ONCE);
    const copies = { row, masks: part, outputs: part.map(v) };
    const outcome = await method.attribute(maskedContext(context, method, game.paths, players, copies));
    for (const [copy, own] of ofPlayers(outcome, context, players, part.length).entries()) found.set(part[copy], own);
    onDone(start + part.length);
  }
  return found;
}

/**
 * Methods that know no baseline explain the change from zeros.
 * @throws PathwiseError BAD_ARGUMENT where the baseline is another one
 */
export function checkBaseline(context: Context, { id, takes }: Method, { paths }: Game): void {
  if (takes.baseline !== 'none' || paths.moving.every(({ from }) => from.every((v) => v === 0))) return;
  throw argumentError(context.method, 'baseline', `zeros, since ${id} knows no other`, 'another one');
}

/** What each player got: its value where the method knows players, the sum of its elements where not. */
function ofPlayers(outcome: Outcome, { sources }: Context, players: PlayerMap, copies: number): Float64Array[] {
  if (outcome.perPlayer !== undefined) return outcome.perPlayer.map((own) => Float64Array.from(own));
  const data = sources.map(({ name }) => toFloat64(outcome.attributions[name].data));
  const sizes = sources.map(({ size }) => size);
  return Array.from({ length: copies }, (_, copy) => sumByPlayer(joinRow(data, sizes, copy), players));
}
