import { PathwiseError } from '@pathwise/model';
import { checkMasked } from '../coalitions/bits.ts';
import type { ParamSpec } from '../params.ts';

/** How large the sets are that a method looks at. */
export const orderParam: ParamSpec = {
  name: 'order',
  type: 'integer',
  default: 0,
  min: 0,
  doc: 'Players of a set at most; 0 for all sets, which takes all 2^n coalitions.',
};

export const keepParam: ParamSpec = {
  name: 'keep',
  type: 'integer',
  default: 100,
  min: 0,
  doc: 'Sets of three players and more that the result lists, strongest first; pairs are all there.',
};

/** Sets at most: what is kept of each is small, what it takes to compute is not. */
const MOST_SETS = 2 ** 24;

/**
 * The order that a parameter means.
 * @throws PathwiseError BAD_ARGUMENT for more players than a bit mask holds; LIMIT_EXCEEDED for too many sets
 */
export function resolveOrder(method: string, order: number, players: number, mostSets: number = MOST_SETS): number {
  checkMasked(method, players);
  const resolved = Math.min(players, order === 0 ? players : order);
  let [sets, binomial] = [1, 1];
  for (let size = 1; size <= resolved; size++) {
    binomial = (binomial * (players - size + 1)) / size;
    sets += binomial;
  }
  if (sets <= mostSets) return resolved;
  const message = `${method}: ${players} players have ${sets} sets of up to ${resolved}; at most ${mostSets}`;
  throw new PathwiseError('LIMIT_EXCEEDED', `${message}. Set order=2 or 3, or group features with a feature mask`);
}
