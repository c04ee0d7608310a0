/**
 * The value below which `percent` % of the values lie; linear between neighbours.
 * @param percent - 0 (smallest) to 100 (largest)
 * @returns NaN for an empty list
 * @source Hyndman, Fan 1996, "Sample Quantiles in Statistical Packages", definition 7
 */
export function percentile(values: ArrayLike<number>, percent: number): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return Number.NaN;
  const position = (Math.min(Math.max(percent, 0), 100) / 100) * (sorted.length - 1);
  const lower = Math.floor(position);
  const t = position - lower;
  const from = sorted[lower] as number;
  return t === 0 ? from : (1 - t) * from + t * (sorted[lower + 1] as number);
}
