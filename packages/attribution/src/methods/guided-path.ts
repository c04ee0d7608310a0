/** The part of a guided path that leads from the baseline (or an anchor) to the next anchor or the input. */
export interface GuidedOptions {
  readonly steps: number;
  /** Share of the elements that may move in one go. */
  readonly fraction: number;
  /** How far the progress of an element may lie from that of the whole. */
  readonly maxDistance: number;
}

/** Of all weight, what a remainder may miss its aim by. */
const ROUNDING = 1e-12;

/**
 * Moves the elements of a row one step on: those with the smallest |gradient| first, until the weighted distance left to
 * the end is what a straight path would have left after step `step`. Elements with equal |gradient| move together, so
 * that symmetric features stay symmetric.
 *
 * @param progress - place of every element between its start 0 and end 1; changed in place
 * @param weights - |end - start| of every element
 * @source Kapishnikov et al. 2021, arXiv:2106.09788, with the authors' bound on the distance to the straight path
 */
export function guidedStep(
  progress: Float64Array,
  weights: Float64Array,
  gradient: ArrayLike<number>,
  step: number,
  { steps, fraction, maxDistance }: GuidedOptions,
): void {
  const count = progress.length;
  const total = weights.reduce((sum, w) => sum + w, 0);
  const alpha = step / steps;
  const low = Math.max(alpha - maxDistance, 0);
  const high = Math.min(alpha + maxDistance, 1);
  const target = (1 - alpha) * total;
  const keys = Float64Array.from(weights, (w, i) => (w === 0 ? Infinity : Math.abs(gradient[i])));
  const rank = Math.floor(fraction * (count - 1));
  for (;;) {
    let left = 0;
    for (let i = 0; i < count; i++) {
      progress[i] = weights[i] === 0 ? 1 : Math.max(progress[i], low);
      left += weights[i] * (1 - progress[i]);
    }
    if (left - target <= ROUNDING * total) return;
    for (let i = 0; i < count; i++) if (progress[i] >= high) keys[i] = Infinity;
    const threshold = keys.toSorted()[rank];
    const selected: number[] = [];
    let reachable = 0;
    for (let i = 0; i < count; i++) {
      if (keys[i] > threshold || keys[i] === Infinity) continue;
      selected.push(i);
      reachable += weights[i] * (high - progress[i]);
    }
    // Rounding can leave a remainder when every element has reached the bound.
    if (selected.length === 0) return;
    const share = reachable === 0 ? Infinity : (left - target) / reachable;
    for (const i of selected) progress[i] = share > 1 ? high : progress[i] + share * (high - progress[i]);
    if (share <= 1) return;
  }
}
