import type { Tensor } from '@pathwise/model';

const MAX_RANK = 32;

/** Numbers in arrays nested to any depth; every array of a level has the same length. */
export type NestedNumbers = number | boolean | readonly NestedNumbers[];

/**
 * A float64 tensor from nested arrays of numbers (or booleans).
 * @param fail - makes the error that is thrown, from what is wrong
 */
export function fromNested(value: unknown, name: string, fail: (problem: string) => Error): Tensor {
  const shape: number[] = [];
  for (let level: unknown = value; Array.isArray(level); level = level[0]) {
    shape.push(level.length);
    if (shape.length > MAX_RANK) throw fail(`arrays are nested more than ${MAX_RANK} deep`);
  }
  const numbers: number[] = [];
  const collect = (level: unknown, depth: number, place: string): void => {
    if (depth === shape.length) {
      if (typeof level !== 'number' && typeof level !== 'boolean') {
        throw fail(`expected a number${place === '' ? '' : ` at ${place}`}, got ${kindOf(level)}`);
      }
      numbers.push(Number(level));
      return;
    }
    if (!Array.isArray(level)) throw fail(`expected an array at ${place}, got ${kindOf(level)}`);
    if (level.length !== shape[depth]) {
      throw fail(
        `${place === '' ? name : place} has ${level.length} entries, the first of its level has ${shape[depth]}`,
      );
    }
    for (const [i, entry] of level.entries()) collect(entry, depth + 1, `${place}[${i}]`);
  };
  collect(value, 0, '');
  return { dtype: 'float64', shape, data: Float64Array.from(numbers) };
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'an array';
  if (value === null) return 'null';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
