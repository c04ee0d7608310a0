import { argumentError, PathwiseError, type Tensor, type TensorData } from '@pathwise/model';
import type { Image } from '@pathwise/viz';
import type { NestedNumbers } from '../files/nested.ts';

/**
 * The value of one input of a model: a tensor, nested arrays, a typed array in the order of the input's shape, an
 * image, or the path (in browsers the URL) of a file.
 */
export type InputValue = Tensor | NestedNumbers | TensorData | Image | string;

/** One value where the model has one input, or values by input name. */
export type ExplainInput = InputValue | Readonly<Record<string, InputValue>>;

export function isTensor(value: unknown): value is Tensor {
  return isObject(value) && typeof value['dtype'] === 'string' && Array.isArray(value['shape']) && 'data' in value;
}

export function isImage(value: unknown): value is Image {
  return (
    isObject(value) && typeof value['width'] === 'number' && typeof value['height'] === 'number' && 'data' in value
  );
}

/** Values by input name; a single value goes to the only input that the names leave open. */
export function byName(input: ExplainInput, names: readonly string[]): Record<string, InputValue> {
  if (isObject(input) && !isTensor(input) && !isImage(input)) {
    const given = input as Readonly<Record<string, InputValue>>;
    const unknown = Object.keys(given).find((name) => !names.includes(name));
    if (unknown !== undefined) throw argumentError('explain', 'an input name', `one of ${names.join(', ')}`, unknown);
    return { ...given };
  }
  const [only] = names;
  if (only === undefined || names.length !== 1) {
    throw new PathwiseError(
      'BAD_ARGUMENT',
      `the model has ${names.length} inputs (${names.join(', ')}); say which one each value is for`,
    );
  }
  return { [only]: input as InputValue };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
