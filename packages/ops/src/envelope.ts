/**
 * Places t in (0, 1) where the first largest of several values changes while each moves on a straight line from
 * `from[k]` (t = 0) to `to[k]` (t = 1): the corners of the lines' upper envelope. Give `sign` -1 for the smallest.
 */
export function envelopeCrossings(from: ArrayLike<number>, to: ArrayLike<number>, sign: 1 | -1 = 1): number[] {
  const slope = (k: number): number => sign * (to[k] - from[k]);
  let top = 0;
  for (let k = 1; k < from.length; k++) {
    const rise = sign * (from[k] - from[top]);
    if (rise > 0 || (rise === 0 && slope(k) > slope(top))) top = k;
  }
  const places: number[] = [];
  for (let t = 0; ;) {
    let next = -1;
    let at = 1;
    for (let k = 0; k < from.length; k++) {
      const gain = slope(k) - slope(top);
      if (gain <= 0) continue;
      const meet = (sign * (from[top] - from[k])) / gain;
      if (meet < at || (meet === at && next >= 0 && slope(k) > slope(next))) {
        next = k;
        at = meet;
      }
    }
    if (next < 0) return places;
    if (at > t && at > 0) places.push(at);
    t = Math.max(t, at);
    top = next;
  }
}
