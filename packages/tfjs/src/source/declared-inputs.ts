import { argumentError, PathwiseError, shapeError, sizeOf, type DType, type Shape } from '@pathwise/model';
import type { SourceInput } from '@pathwise/graph';
import { limitError, type TfjsLimits } from '../limits.ts';

/** Which inputs have a batch axis: found from the file, or said for all inputs, or by name. */
export type BatchedOption = boolean | Readonly<Record<string, boolean>>;

/** An input as the model declares it: -1 for a size that is not known, null for an unknown rank. */
export interface DeclaredInput {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[] | null;
  /** Channels stand second, as a model may say. Default: last. */
  readonly channelsFirst?: boolean;
}

/** An input as the source shows it. By default it has a batch where its first size is not known or 1. */
export function sourceInput(declared: DeclaredInput, option: BatchedOption | undefined): SourceInput {
  const { name, dtype, shape } = declared;
  const said = typeof option === 'boolean' ? option : option?.[name];
  const batched = said ?? (shape === null || shape[0] === -1 || shape[0] === 1);
  if (shape === null) return { name, dtype, batched, shape: [batched ? 'batch' : `${name}_shape`] };
  if (batched && shape.length === 0) {
    throw argumentError('tfjs', `batched of input "${name}"`, 'false for a scalar', true);
  }
  return {
    name,
    dtype,
    batched,
    ...(shape.length > 2 && declared.channelsFirst !== true && { channelsLast: true }),
    shape: shape.map((size, axis) => {
      if (axis === 0 && batched) return 'batch';
      return size === -1 ? `${name}_axis_${axis}` : size;
    }),
  };
}

/**
 * The static shapes of the inputs for one row.
 * @throws PathwiseError BAD_SHAPE where a given shape contradicts the model or a size is not known, LIMIT_EXCEEDED,
 *   BAD_ARGUMENT for a name that is no input
 */
export function rowShapes(
  inputs: readonly DeclaredInput[],
  shown: readonly SourceInput[],
  given: Readonly<Record<string, Shape>>,
  limits: Pick<TfjsLimits, 'tensorElements'>,
): Map<string, Shape> {
  const unknown = Object.keys(given).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined) {
    const names = inputs.map((input) => `"${input.name}"`).join(', ');
    throw argumentError('graph', 'the names of shapes', `inputs of the model (${names})`, unknown);
  }
  return new Map(
    inputs.map(({ name, shape }, i): [string, Shape] => {
      const batched = shown[i]?.batched === true;
      const row = rowShape(name, shape, batched, Object.hasOwn(given, name) ? given[name] : undefined);
      if (sizeOf(row) > limits.tensorElements) {
        const what = `input "${name}": shape [${row.join(',')}] has ${sizeOf(row)} elements`;
        throw limitError('tensorElements', what, limits.tensorElements, { tensor: name });
      }
      return [name, row];
    }),
  );
}

function rowShape(name: string, shape: readonly number[] | null, batched: boolean, given: Shape | undefined): Shape {
  const declared = batched && shape !== null ? [1, ...shape.slice(1)] : shape;
  const wanted = `[${declared?.map((size) => (size === -1 ? '?' : size)).join(',') ?? '...'}]`;
  if (given === undefined) {
    if (declared !== null && !declared.includes(-1)) return declared;
    throw new PathwiseError(
      'BAD_SHAPE',
      `input "${name}": the model leaves sizes of its shape ${wanted} open. Pass the shape of this input`,
      { tensor: name },
    );
  }
  const fits =
    given.every((size) => Number.isSafeInteger(size) && size >= 0) &&
    (declared === null ||
      (given.length === declared.length && declared.every((size, axis) => size === -1 || size === given[axis])));
  if (fits) return [...given];
  const { message } = shapeError('graph', `input "${name}"`, wanted, given);
  throw new PathwiseError('BAD_SHAPE', message, { tensor: name });
}
