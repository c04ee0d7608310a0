import type { Attribution, Tensor } from '@pathwise/model';
import type { RankedClass } from '../prediction.ts';

/** What is known of a run besides the attribution. */
export interface RunFacts {
  readonly model: string;
  readonly prediction: readonly (readonly RankedClass[])[] | null;
  readonly seconds: number;
}

/** The result as JSON: arrays of attributions are left out, their types and shapes stay. */
export function jsonResult(
  attribution: Attribution,
  { model, prediction, seconds }: RunFacts,
): Record<string, unknown> {
  return { model, ...withoutArrays(attribution), prediction, seconds };
}

/** A result as JSON: of tensors their types and shapes stay. */
export function withoutArrays(result: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(result).map(([key, value]) => [key, strip(value)]));
}

function strip(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(strip);
  if (typeof value !== 'object' || value === null) return value;
  if (isTensor(value)) return { dtype: value.dtype, shape: value.shape };
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, strip(entry)]));
}

function isTensor(value: object): value is Tensor {
  return 'dtype' in value && 'shape' in value && 'data' in value;
}
