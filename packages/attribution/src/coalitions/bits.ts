import { argumentError } from '@pathwise/model';

/** Coalitions as bit masks are 32-bit integers. */
const MOST_PLAYERS = 30;

/** @throws PathwiseError BAD_ARGUMENT for more players than a bit mask holds */
export function checkMasked(method: string, players: number): void {
  if (players <= MOST_PLAYERS) return;
  const expected = `at most ${MOST_PLAYERS} where sets of them are looked at: group features with a feature mask`;
  throw argumentError(method, 'players', expected, players);
}

/** Players of a coalition given as a bit mask. */
export function bitCount(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count++;
  return count;
}

/** The players of a bit mask, ascending. */
export function membersOf(mask: number): number[] {
  const members: number[] = [];
  for (let player = 0, rest = mask; rest !== 0; player++, rest >>>= 1) if ((rest & 1) === 1) members.push(player);
  return members;
}
