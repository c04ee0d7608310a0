import { argumentError, PathwiseError, shapeError, type DType, type Shape, type Tensor } from '@pathwise/model';
import type { SourceInput } from '@pathwise/graph';
import { limitError, type OnnxLimits } from '../limits.ts';
import { dtypeOf } from '../tensor/element-type.ts';
import type { DimensionProto, GraphProto, ValueInfoProto } from '../wire/messages.ts';

/** Which inputs have a batch axis: found from the file, or said for all inputs, or by name. */
export type BatchedOption = boolean | Readonly<Record<string, boolean>>;

/** A name that says of an axis that it counts examples. */
const BATCH_NAME = /batch|^n$|^bs$/i;

/** Size of an axis in the file: a number, or the symbol that stands for it. */
type FileShape = readonly (number | string)[];

/** An input or output as the file declares it; `shape` is null where the file leaves even the rank open. */
export interface Declared {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: FileShape | null;
}

/**
 * The inputs that a caller gives: those of the graph that are neither initializers nor given as constants.
 * @throws PathwiseError BAD_ARGUMENT for a constant that is no input
 */
export function declaredInputs(graph: GraphProto, constants: ReadonlyMap<string, Tensor>): Declared[] {
  const initializers = new Set(graph.initializers.map((tensor) => tensor.name ?? ''));
  const inputs = graph.inputs.filter((input) => !initializers.has(input.name ?? ''));
  for (const name of constants.keys()) {
    if (inputs.some((input) => input.name === name)) continue;
    throw argumentError('readOnnx', 'the names of constants', `inputs (${inputs.map((i) => i.name).join(', ')})`, name);
  }
  return inputs.filter((input) => !constants.has(input.name ?? '')).map((input) => declare(input, 'input'));
}

export function declaredOutputs(graph: GraphProto): Declared[] {
  return graph.outputs.map((output) => declare(output, 'output'));
}

/**
 * The declared type of a value.
 * @throws PathwiseError UNSUPPORTED_OP for sequences, maps and element types that graphs do not have
 */
export function declare(info: ValueInfoProto, what: string): Declared {
  const name = info.name ?? '';
  const place = { tensor: name, offset: info.start };
  const { tensor, sequence, map, optional, sparse } = info.type ?? {};
  const other = { 'a sequence': sequence, 'a map': map, 'an optional value': optional, 'a sparse tensor': sparse };
  for (const [kind, value] of Object.entries(other)) {
    if (value !== undefined)
      throw new PathwiseError('UNSUPPORTED_OP', `${what} "${name}" is ${kind}; only tensors are supported`, place);
  }
  // Outputs may come without a type: the graph tells it.
  if (tensor === undefined) return { name, dtype: 'float32', shape: null };
  try {
    const dtype = dtypeOf(tensor.elementType ?? 0, place);
    return { name, dtype, shape: tensor.shape?.dims.map((dim, axis) => sizeOrSymbol(dim, name, axis)) ?? null };
  } catch (error) {
    if (!(error instanceof PathwiseError)) throw error;
    throw new PathwiseError(error.code, `${what} "${name}": ${error.message}`, place, { cause: error });
  }
}

function sizeOrSymbol({ value, symbol, start }: DimensionProto, name: string, axis: number): number | string {
  if (value === undefined) return symbol === undefined || symbol === '' ? `${name}_axis_${axis}` : symbol;
  // Old exporters write -1, and some 0, for a size that is not known.
  if (value === -1) return `${name}_axis_${axis}`;
  if (value < 0) {
    throw new PathwiseError('BAD_FILE', `size ${value} of axis ${axis} is negative`, { tensor: name, offset: start });
  }
  return value;
}

/**
 * Which inputs count examples along their first axis: its size is symbolic or 1, no other axis is named like a batch
 * where the first is not, and its symbol is not the size of another axis.
 */
export function batchedInputs(inputs: readonly Declared[], option: BatchedOption | undefined): Set<string> {
  const inner = new Set(inputs.flatMap(({ shape }) => (shape ?? []).slice(1).filter((d) => typeof d === 'string')));
  const batched = new Set<string>();
  for (const { name, shape } of inputs) {
    const said = typeof option === 'boolean' ? option : option?.[name];
    if (said ?? looksBatched(shape, inner)) {
      if (shape?.length === 0)
        throw argumentError('readOnnx', `batched of input "${name}"`, 'false for a scalar', true);
      batched.add(name);
    }
  }
  return batched;
}

function looksBatched(shape: FileShape | null, inner: ReadonlySet<string>): boolean {
  if (shape === null) return true;
  const [first, ...others] = shape;
  if (first === undefined) return false;
  const isBatch = (d: number | string): boolean => typeof d === 'string' && BATCH_NAME.test(d);
  if (typeof first === 'number') return first === 1 && !others.some(isBatch);
  return isBatch(first) || (!others.some(isBatch) && !inner.has(first));
}

/** A declared input as the source shows it: a batched first axis is always symbolic. */
export function sourceInput({ name, dtype, shape }: Declared, batched: boolean): SourceInput {
  if (shape === null) return { name, dtype, shape: [batched ? 'batch' : `${name}_shape`], batched };
  const first = shape[0] as number | string;
  return {
    name,
    dtype,
    batched,
    shape: batched ? [typeof first === 'string' ? first : 'batch', ...shape.slice(1)] : shape,
  };
}

/**
 * The static shapes of the inputs for one row, and the sizes of the symbols.
 * @throws PathwiseError BAD_SHAPE where a given shape contradicts the file or a size is not known
 */
export function resolveShapes(
  inputs: readonly Declared[],
  batched: ReadonlySet<string>,
  given: Readonly<Record<string, Shape>>,
  limits: OnnxLimits,
): { shapes: Map<string, Shape>; symbols: Map<string, number> } {
  const unknown = Object.keys(given).find((name) => !inputs.some((input) => input.name === name));
  if (unknown !== undefined) {
    const names = inputs.map((input) => `"${input.name}"`).join(', ');
    throw argumentError('graph', 'the names of shapes', `inputs of the model (${names})`, unknown);
  }
  const symbols = new Map<string, number>();
  for (const input of inputs) {
    const first = input.shape?.[0];
    if (batched.has(input.name) && typeof first === 'string') symbols.set(first, 1);
  }
  for (const input of inputs) {
    const shape = given[input.name];
    if (shape !== undefined) learn(input, batched.has(input.name), shape, symbols);
  }
  const shapes = new Map(inputs.map((input) => [input.name, staticShape(input, batched, given[input.name], symbols)]));
  for (const [name, shape] of shapes) {
    const size = shape.reduce((product, d) => product * d, 1);
    if (size > limits.tensorElements) {
      throw limitError(
        'tensorElements',
        `input "${name}": shape [${shape.join(',')}] has ${size} elements`,
        limits.tensorElements,
        { tensor: name },
      );
    }
  }
  return { shapes, symbols };
}

/** Checks a given shape against the file's and takes the sizes of symbols from it. */
function learn({ name, shape }: Declared, batched: boolean, given: Shape, symbols: Map<string, number>): void {
  if (shape === null) return;
  const wanted = `[${(batched ? [1, ...shape.slice(1)] : shape).join(',')}]`;
  if (shape.length !== given.length) throw misfit(name, wanted, given);
  for (const [axis, size] of given.entries()) {
    const d = batched && axis === 0 ? 1 : (shape[axis] as number | string);
    if (!Number.isSafeInteger(size) || size < 0) throw misfit(name, wanted, given);
    if (typeof d === 'number') {
      if (d !== size) throw misfit(name, wanted, given);
    } else if ((symbols.get(d) ?? size) !== size) {
      const advice = `The size ${d} is ${symbols.get(d)} elsewhere: it must be the same in all inputs`;
      throw misfit(name, wanted, given, advice);
    } else {
      symbols.set(d, size);
    }
  }
}

function misfit(name: string, wanted: string, given: Shape, advice = ''): PathwiseError {
  return new PathwiseError('BAD_SHAPE', shapeError('graph', `input "${name}"`, wanted, given, advice).message, {
    tensor: name,
  });
}

function staticShape(
  { name, shape }: Declared,
  batched: ReadonlySet<string>,
  given: Shape | undefined,
  symbols: ReadonlyMap<string, number>,
): Shape {
  if (given !== undefined) return [...given];
  if (shape === null) {
    throw new PathwiseError(
      'BAD_SHAPE',
      `input "${name}": the file does not declare its shape. Pass the shape of this input`,
      { tensor: name },
    );
  }
  return shape.map((d, axis) => {
    if (axis === 0 && batched.has(name)) return 1;
    const size = typeof d === 'number' ? d : symbols.get(d);
    if (size === undefined) {
      throw new PathwiseError(
        'BAD_SHAPE',
        `input "${name}": size ${d} of axis ${axis} is not known. Pass the shape of this input, [${shape.join(',')}] with numbers`,
        { tensor: name },
      );
    }
    return size;
  });
}
