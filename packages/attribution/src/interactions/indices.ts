import { bitCount } from '../coalitions/bits.ts';
import { setsUpTo } from './dividends-of-sets.ts';

/**
 * Indices of the sets of up to `order` players, from all dividends J (by bit mask):
 * - Shapley interaction index: the sum over T containing S of J(T) / (|T| - |S| + 1); of single players Shapley values;
 * - Shapley-Taylor index: J(S) below the order, at the order the sum over T containing S of J(T) / C(|T|, order). All sum to
 *   v(all) - v(none).
 *
 * @source Grabisch, Roubens 1999; Dhamdhere, Agarwal, Sundararajan 2020, arXiv:1902.05622, equation 3
 */
export function interactionIndex(
  index: 'shapley-interaction' | 'shapley-taylor',
  j: Float64Array,
  order: number,
): Map<number, number> {
  const sets = setsUpTo(Math.log2(j.length), order).filter((mask) => mask !== 0);
  return new Map(
    sets.map((mask) => {
      const size = bitCount(mask);
      if (index === 'shapley-interaction') return [mask, sumOver(j, mask, (whole) => 1 / (whole - size + 1))];
      return [mask, size < order ? j[mask] : sumOver(j, mask, (whole) => 1 / binomial(whole, order))];
    }),
  );
}

/** The sum of weighted dividends over all sets that contain one, by their number of players. */
function sumOver(j: Float64Array, mask: number, weight: (size: number) => number): number {
  const rest = (j.length - 1) ^ mask;
  const own = bitCount(mask);
  let sum = 0;
  for (let more = rest; ; more = (more - 1) & rest) {
    sum += j[mask | more] * weight(own + bitCount(more));
    if (more === 0) return sum;
  }
}

function binomial(n: number, k: number): number {
  let result = 1;
  for (let i = 1; i <= k; i++) result = (result * (n - k + i)) / i;
  return result;
}
