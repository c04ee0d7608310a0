import type { ParamSpec } from '../params.ts';

/** Of methods that sample until they are accurate enough. */
export const toleranceParam: ParamSpec = {
  name: 'tolerance',
  type: 'number',
  default: 0.02,
  min: 0,
  max: 1,
  doc: 'Stop once the largest standard error is this share of the spread of the values; 0 takes all samples.',
};

/**
 * The largest standard error is at most the tolerance times the spread of the values; a tolerance of 0 is never met.
 * @source Covert, Lee 2021, arXiv:2012.01536 (the rule to stop)
 */
export function isAccurate(values: Float64Array, errors: Float64Array | null, tolerance: number): boolean {
  if (tolerance === 0 || errors === null) return false;
  const spread = values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b));
  return errors.reduce((a, b) => Math.max(a, b)) <= tolerance * spread;
}
