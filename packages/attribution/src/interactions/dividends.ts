/**
 * Harsanyi dividends of a game v(S) listed by bit mask: J(S) = sum over T in S of (-1)^(|S| - |T|) v(T), what the players of
 * S add together beyond all smaller sets. v(S) is the sum of J over the subsets of S. In place, by the fast Moebius
 * transform; players in ascending order, so that rounding does not depend on anything else.
 *
 * @source Harsanyi 1963, A simplified bargaining model for the n-person cooperative game
 */
export function dividends(v: Float64Array): Float64Array {
  const j = v.slice();
  for (let bit = 1; bit < j.length; bit *= 2) {
    for (let mask = 0; mask < j.length; mask++) if ((mask & bit) !== 0) j[mask] -= j[mask ^ bit];
  }
  return j;
}
