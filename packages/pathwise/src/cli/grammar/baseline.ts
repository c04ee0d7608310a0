import { isFloat, type InputInfo, type Tensor } from '@pathwise/model';
import type { Baseline, PerInput } from '@pathwise/attribution';
import type { Explainer } from '../../explainer.ts';
import { optionError, usageError } from '../usage-error.ts';
import { splitName } from './named.ts';
import { numberOf } from './numbers.ts';

const GRAMMAR = 'zeros, a number, mean, blur:S, uniform:N, gaussian:N, max-distance, FILE or set:FILE';

/**
 * The baselines that `--baseline` texts ask for; files are read.
 * @throws PathwiseError BAD_ARGUMENT, BAD_FILE
 */
export async function parseBaselines(
  texts: readonly string[],
  explain: Explainer,
  readTensor: (path: string, input: InputInfo) => Promise<Tensor>,
): Promise<Baseline | PerInput | undefined> {
  const perInput: Record<string, Baseline> = {};
  let common: string | undefined;
  for (const text of texts) {
    const { name, rest } = splitName(
      text,
      explain.inputs.map((input) => input.name),
    );
    if (name === null && common !== undefined) throw usageError('--baseline is given twice without NAME=');
    if (name === null) common = rest;
    else if (Object.hasOwn(perInput, name)) throw usageError(`--baseline ${name}= is given twice`);
    else perInput[name] = await parseOne(rest, inputOf(explain, name), readTensor);
  }
  if (common === undefined) return texts.length === 0 ? undefined : { perInput };
  const attributed = explain.inputs.filter(({ attributedAt }) => attributedAt !== null);
  if (texts.length === 1 && (attributed.length <= 1 || !isFileName(common))) {
    return parseOne(common, attributed[0] ?? explain.inputs[0], readTensor);
  }
  for (const input of attributed) perInput[input.name] ??= await parseOne(common, input, readTensor);
  return { perInput };
}

async function parseOne(
  text: string,
  input: InputInfo | undefined,
  readTensor: (path: string, input: InputInfo) => Promise<Tensor>,
): Promise<Baseline> {
  const value = numberOf(text);
  if (value !== null) return value;
  if (text === 'zeros' || text === 'mean' || text === 'max-distance') return text;
  const [kind, amount = ''] = text.split(':', 2);
  if (text.includes(':') && (kind === 'blur' || kind === 'uniform' || kind === 'gaussian')) {
    if (numberOf(amount) === null) throw optionError('--baseline', GRAMMAR, text);
    return `${kind}:${amount}`;
  }
  if (input === undefined) throw usageError('--baseline: the model has no inputs');
  if (text.startsWith('set:')) return { set: await readTensor(text.slice('set:'.length), input) };
  if (!isFileName(text)) throw optionError('--baseline', GRAMMAR, text);
  return readTensor(text, input);
}

/** Words of the grammar hold no dot; files have an ending. */
function isFileName(text: string): boolean {
  return (
    text.startsWith('set:') ||
    (numberOf(text) === null && /[./\\]/.test(text) && !/^(blur|uniform|gaussian):/.test(text))
  );
}

function inputOf(explain: Explainer, name: string): InputInfo {
  return explain.inputs.find((input) => input.name === name) as InputInfo;
}

/** Whole numbers of text files are ids where the model takes ids. */
export function asIds(tensor: Tensor, input: InputInfo): Tensor {
  const rank = tensor.shape.length;
  if (isFloat(input.dtype) || !isFloat(tensor.dtype) || rank > input.shape.length) return tensor;
  const values = Array.from(tensor.data as Float64Array, Number);
  return values.every(Number.isSafeInteger)
    ? { ...tensor, dtype: 'int64', data: BigInt64Array.from(values, BigInt) }
    : tensor;
}
