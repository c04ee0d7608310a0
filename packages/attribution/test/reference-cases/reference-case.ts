import { readFileSync } from 'node:fs';
import { float64, toFloat64, type Attribution, type Params, type ParamValue, type Tensor } from '@pathwise/model';
import { expect } from 'vitest';
import { toBeClose } from '../../../model/testing/to-be-close.ts';
import { toyModel, type ToyModel } from '../../../model/testing/toy-model.ts';
import { methodById, type AttributionRequest } from '../../src/index.ts';

/** Numbers, lists of lists of numbers, or numbers by name, as a file of reference cases writes them. */
export type Value = number | readonly Value[] | { readonly [key: string]: Value };

/** A case of ../shared/methods/{paths,coalitions}.json. */
export interface ReferenceCase {
  readonly name: string;
  readonly method: string;
  readonly function?: { readonly outputs: readonly string[] };
  readonly inputs: Readonly<Record<string, Value>>;
  readonly params: Readonly<Record<string, ParamValue | { readonly probability: number }>>;
  readonly expected: Readonly<Record<string, Value | string>>;
  readonly tolerance?: number;
}

export function referenceCases<C = ReferenceCase>(path: string): readonly C[] {
  return (JSON.parse(readFileSync(path, 'utf8')) as { cases: C[] }).cases;
}

/** What was computed, by the keys of the expected values. */
export type Computed = Readonly<Record<string, unknown>>;

/**
 * Every expected value of a case against what was computed under its key; a key that nothing was computed for fails. What a
 * mistake would give ("wrongIf...") must not be what attributions are.
 *
 * @param atol - relative to the largest value of each key, or to 1
 */
export function expectAll(expected: ReferenceCase['expected'], computed: Computed, atol: number): void {
  for (const [key, value] of Object.entries(expected)) {
    const isMistake = key.startsWith('wrong');
    const found = numbers(computed[isMistake ? 'attributions' : key], key);
    if (typeof value === 'string') expect(found.filter((v) => !Number.isFinite(v))).toEqual([]);
    else if (isMistake) expect(found).not.toBeClose(numbers(value, key), { atol: 1e-3 });
    else {
      const wanted = numbers(value, key);
      const scale = Math.max(1, ...wanted.map(Math.abs));
      const { pass, message } = toBeClose(found, wanted, { atol: atol * scale });
      if (!pass) throw new Error(`${key}: ${message()}`);
    }
  }
}

/** All numbers of a value in their order; of one by names, in the order of the names. */
function numbers(value: unknown, key: string): number[] {
  if (typeof value === 'number' || typeof value === 'bigint') return [Number(value)];
  if (typeof value === 'object' && value !== null) {
    if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, Number);
    const parts = Array.isArray(value)
      ? (value as unknown[])
      : Object.entries(value as Record<string, unknown>)
          .sort(([a], [b]) => a.localeCompare(b))
          .map(([, part]) => part);
    return parts.flatMap((part) => numbers(part, key));
  }
  throw new Error(`"${key}" of the case is computed by no test`);
}

export const row = (values: readonly number[]): Tensor => float64([1, values.length], values);
export const valuesOf = (tensor: Tensor | undefined): number[] =>
  Array.from(toFloat64(tensor?.data ?? new Float64Array()));
export const attributionsOf = (a: Attribution, name = 'x'): number[] => valuesOf(a.attributions[name]);

/** One row of numbers, or several, as a matrix; a list of rows of an image (`isOne`) as one row. */
export function tensorOf(value: Value, isOne: boolean): Tensor {
  const list = value as readonly number[] | readonly (readonly number[])[];
  const flat = list.flat() as number[];
  const rows = Array.isArray(list[0]) ? list.length : 1;
  const width = flat.length / rows;
  if (isOne) return float64(rows === 1 ? [1, width] : [1, rows, width], flat);
  return float64([rows, width], flat);
}

/** The case's function of one input x, an image where a row of it has two axes. */
export function modelOf({ function: F, inputs }: ReferenceCase, isOne: boolean): ToyModel {
  const [, ...shape] = tensorOf(inputs['x'] as Value, isOne).shape;
  return toyModel({ inputs: { x: shape }, outputs: F?.outputs ?? [] });
}

/** Parameters of a case that are facts for readers, or that follow from the function. */
const FACTS = new Set(['note', 'gradStep', 'exactAlpha', 'target']);

/** A case's inputs and parameters as a request. Parameters that the method does not have and that are no part of one fail. */
export function requestOf(c: ReferenceCase, isOne = false): AttributionRequest {
  const { inputs, params } = c;
  const specs = methodById(c.method).params;
  const own: Record<string, ParamValue> = {};
  const general: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(params as Params)) {
    const spec = specs.find((p) => p.name === name);
    if (FACTS.has(name) || (name === 'exact' && c.method === 'integrated-hessians')) continue;
    if (name === 'quadrature' && !methodById(c.method).takes.quadrature) continue;
    if (spec === undefined) {
      expect(['seed', 'steps', 'quadrature', 'exact']).toContain(name);
      general[name] = value;
    } else if (spec.type === 'numbers' && typeof value === 'number') own[name] = [value];
    else own[name] = spec.type === 'choice' ? String(value) : value;
  }
  const { baseline, baselines } = inputs;
  return {
    inputs: { x: tensorOf(inputs['x'] as Value, isOne) },
    target: 0,
    ...(baseline !== undefined && methodById(c.method).takes.baseline && { baseline: tensorOf(baseline, isOne) }),
    ...(baselines !== undefined && { baseline: { set: tensorOf(baselines, false) } }),
    ...(Object.keys(own).length > 0 && { params: own }),
    ...general,
  };
}
