import { fileError, sizeOf, type DType } from '@pathwise/model';

/** An input or the output of a plan: one row, the first size is 1 where rows are batched. */
export interface PlanPort {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

/** What a plan file says of itself. */
export interface PlanInfo {
  readonly name: string;
  /** In the order of the plan; after them it takes the weights of the target. */
  readonly inputs: readonly PlanPort[];
  /** Names of the inputs that are attributed, in the order of the plan's gradients. */
  readonly attributed: readonly string[];
  readonly output: PlanPort;
  /** The target where a call names none; else the largest element. */
  readonly target?: number;
  /** `labels[k]` is the name of element k of the output. */
  readonly labels?: readonly string[];
  /** How images become the input, as `--preprocess` has it; the plan does not do it. */
  readonly preprocess?: unknown;
}

/** As many elements as the core counts. */
const MOST_ELEMENTS = 2 ** 31 - 1;

/**
 * Checks what a file says of its plan.
 * @throws PathwiseError BAD_FILE
 */
export function checkPlanInfo(value: unknown): PlanInfo {
  const info = objectOf(value, 'the description');
  const inputs = listOf(info['inputs'], 'inputs').map((port) => portOf(port, 'an input'));
  const names = inputs.map(({ name }) => name);
  if (new Set(names).size !== names.length) throw bad('two inputs have the same name');
  const attributed = listOf(info['attributed'], 'attributed');
  if (attributed.length === 0 || !attributed.every((name) => names.includes(name as string))) {
    throw bad('the attributed inputs are none, or not among the inputs');
  }
  const output = portOf(info['output'], 'the output');
  const { name, target, labels, preprocess } = info;
  if (typeof name !== 'string') throw bad('the name is no text');
  const isTarget = target === undefined || (Number.isInteger(target) && Number(target) >= 0);
  if (!isTarget || Number(target ?? 0) >= sizeOf(output.shape)) throw bad('the target is no element of the output');
  if (labels !== undefined && !listOf(labels, 'labels').every((label) => typeof label === 'string')) {
    throw bad('a label is no text');
  }
  return {
    name,
    inputs,
    attributed: attributed as string[],
    output,
    ...(target !== undefined && { target: target as number }),
    ...(labels !== undefined && { labels: labels as string[] }),
    ...(preprocess !== undefined && { preprocess }),
  };
}

const DTYPES: readonly unknown[] = ['float32', 'int32', 'int64', 'bool'];

function portOf(value: unknown, what: string): PlanPort {
  const { name, dtype, shape } = objectOf(value, what);
  const sizes = listOf(shape, `the shape of ${what}`);
  const isSound = sizes.every((size) => Number.isInteger(size) && Number(size) > 0);
  if (typeof name !== 'string' || !DTYPES.includes(dtype) || !isSound || sizeOf(sizes as number[]) > MOST_ELEMENTS) {
    throw bad(`${what} has no name, element type or shape that can be`);
  }
  return { name, dtype: dtype as DType, shape: sizes as number[] };
}

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw bad(`${what} is no object`);
}

function listOf(value: unknown, what: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw bad(`${what} is no list`);
}

function bad(problem: string): Error {
  return fileError('plan file', problem, {}, 'Compile the model again');
}
