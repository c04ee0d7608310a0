import { randomPermutation, streams } from '@pathwise/model';

/** Orders that are drawn together: their mean is one independent sample. */
export const pairings = ['antithetic', 'cyclic', 'none'] as const;
export type Pairing = (typeof pairings)[number];

/** Orders in one sample. */
export function ordersPerUnit(pairing: Pairing, players: number): number {
  return { antithetic: 2, cyclic: players, none: 1 }[pairing];
}

/**
 * The orders of sample `unit`, a function of (seed, unit) alone: `antithetic`, an order and its reverse; `cyclic`, an order
 * and its rotations, so that every player stands once at every place; `none`, one order.
 *
 * @source Castro, Gomez, Tejada 2009 (sampling orders); Mitchell et al. 2022, arXiv:2104.12199 (reversed pairs)
 */
export function ordersOf(pairing: Pairing, players: number, seed: number, unit: number): readonly number[][] {
  const order = randomPermutation(seed, streams.coalition, players, { sample: unit });
  switch (pairing) {
    case 'none':
      return [order];
    case 'antithetic':
      return [order, order.toReversed()];
    case 'cyclic':
      return order.map((_, start) => [...order.slice(start), ...order.slice(0, start)]);
  }
}
