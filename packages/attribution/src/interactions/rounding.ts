/** Rounding of one output relative to the largest. */
const FLOAT32 = 6e-8;
const FLOAT64 = 1.2e-16;

/** How much rounding there is in one value of v, from the largest of them; the reference engine computes in float64. */
export function roundingOf(engine: string, values: Iterable<number>): number {
  let largest = 0;
  for (const value of values) largest = Math.max(largest, Math.abs(value));
  return largest * (engine === 'reference' ? FLOAT64 : FLOAT32);
}
