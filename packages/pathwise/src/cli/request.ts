import { toFloat64, type InputInfo, type Tensor } from '@pathwise/model';
import { quadratureRules, type AttributionRequest, type Method, type Segmenter } from '@pathwise/attribution';
import { host } from '#host';
import type { ExplainOptions, Explainer } from '../explainer.ts';
import { readInputFile } from '../files/input-file.ts';
import type { PreparedInput } from '../input/prepare.ts';
import type { InputValue } from '../input/value.ts';
import { asIds, parseBaselines } from './grammar/baseline.ts';
import { splitName } from './grammar/named.ts';
import { parseInteger, parseNumber } from './grammar/numbers.ts';
import { paramFiles, parseParams } from './grammar/params.ts';
import { parseTarget } from './grammar/target.ts';
import { parseScale } from './model-options.ts';
import type { Arguments } from './parse-arguments.ts';
import { optionError, usageError } from './usage-error.ts';

/** What of a request needs no model: parsed first, so that mistakes show before anything is read. */
export type PlainRequest = Omit<ExplainOptions, 'baseline' | 'featureMask' | 'method' | 'signal' | 'onProgress'>;

/** @throws PathwiseError BAD_ARGUMENT */
export function parseRequest(args: Arguments, method: Method): PlainRequest {
  const optional = <T>(name: string, parse: (text: string) => T): T | undefined => {
    const text = args.value(name);
    return text === undefined ? undefined : parse(text);
  };
  const layers = args.values('layer');
  const given: { [K in keyof PlainRequest]: PlainRequest[K] | undefined } = {
    constants: args.values('constant').length === 0 ? undefined : args.values('constant'),
    target: optional('target', parseTarget),
    output: args.value('output'),
    scale: optional('of', parseScale),
    layer: layers.length === 0 ? undefined : layers.length === 1 ? layers[0] : layers,
    neuron: optional('neuron', parseNeuron),
    steps: optional('steps', (text) => parseInteger('--steps', text, 1)),
    tolerance: optional('tolerance', (text) => parseNumber('--tolerance', text, 'a number above 0', (v) => v > 0)),
    exact: args.has('exact') || undefined,
    quadrature: optional('quadrature', parseQuadrature),
    params: args.values('param').length === 0 ? undefined : parseParams(args.values('param'), method),
    seed: optional('seed', (text) => parseInteger('--seed', text, 0)),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function parseQuadrature(text: string): NonNullable<AttributionRequest['quadrature']> {
  const rules = [...quadratureRules, 'adaptive' as const];
  const rule = rules.find((known) => known === text);
  if (rule === undefined) throw optionError('--quadrature', rules.join(', '), text);
  return rule;
}

/** Indices and slices, one an axis; whether they fit the layer is seen when it is known. */
function parseNeuron(text: string): string {
  const entry = /^\s*(-?\d+|(-?\d+)?:(-?\d+)?)\s*$/;
  if (!text.split(',').every((part) => entry.test(part))) {
    throw optionError('--neuron', 'an index or slice for each axis of a row, such as 4,6,4 or 1,:,:', text);
  }
  return text.replaceAll(/\s/g, '');
}

/** Reads the files of `--input`. */
export async function prepareInputs(args: Arguments, explain: Explainer): Promise<PreparedInput> {
  const texts = args.values('input');
  if (texts.length === 0) throw usageError(`pathwise ${args.command} needs --input FILE`);
  const names = explain.inputs.map(({ name }) => name);
  const [first] = texts;
  if (texts.length === 1 && first !== undefined && splitName(first, names).name === null) return explain.prepare(first);
  const values: Record<string, InputValue> = {};
  for (const text of texts) {
    const { name, rest } = splitName(text, names);
    if (name === null) throw optionError('--input', `NAME=FILE with NAME one of ${names.join(', ')}`, text);
    if (Object.hasOwn(values, name)) throw usageError(`--input ${name}= is given twice`);
    values[name] = rest;
  }
  return explain.prepare(values);
}

/** The parameters whose numbers stand in files, all others as in `request`. */
export async function readParams(
  args: Arguments,
  method: Method,
  { params }: PlainRequest,
): Promise<Pick<ExplainOptions, 'params'>> {
  const read: Record<string, number[]> = {};
  for (const [name, path] of Object.entries(paramFiles(args.values('param'), method))) {
    const content = await readInputFile(await host.readFile(path), path);
    if (content.kind !== 'tensor') throw optionError(`--param ${name}`, 'numbers, or a file with one array', path);
    read[name] = Array.from(toFloat64(content.tensor.data));
  }
  return params === undefined && Object.keys(read).length === 0 ? {} : { params: { ...params, ...read } };
}

/** The part of a request that needs the model: baselines, whose files are read. */
export async function readBaselines(args: Arguments, explain: Explainer): Promise<Pick<ExplainOptions, 'baseline'>> {
  const baseline = await parseBaselines(args.values('baseline'), explain, (path, input) =>
    readTensor(path, input, explain, '--baseline'),
  );
  return baseline === undefined ? {} : { baseline };
}

/** The masks of `--feature-mask`: one file, or one an input, or the name of a segmenter. */
export async function readFeatureMask(
  args: Arguments,
  explain: Explainer,
): Promise<Pick<ExplainOptions, 'featureMask'>> {
  const inputs = explain.inputs.filter(({ attributedAt }) => attributedAt !== null);
  const masks: Record<string, Tensor> = {};
  const [first, ...others] = args.values('feature-mask');
  if (first !== undefined && isSegmenter(first)) {
    if (others.length > 0)
      throw usageError('--feature-mask with grid:, slic: or felzenszwalb: is given once, for all inputs');
    return { featureMask: first };
  }
  for (const text of args.values('feature-mask')) {
    const { name, rest } = splitName(
      text,
      inputs.map((input) => input.name),
    );
    const isOnly = inputs.length - args.values('constant').length <= 1;
    const input = inputs.find((candidate) =>
      name === null ? isOnly && !args.values('constant').includes(candidate.name) : candidate.name === name,
    );
    if (input === undefined) {
      throw optionError('--feature-mask', `NAME=FILE with NAME one of ${inputs.map((i) => i.name).join(', ')}`, text);
    }
    if (Object.hasOwn(masks, input.name)) throw usageError(`--feature-mask for ${input.name} is given twice`);
    masks[input.name] = await readTensor(rest, input, explain, '--feature-mask');
  }
  return Object.keys(masks).length === 0 ? {} : { featureMask: masks };
}

function isSegmenter(text: string): text is Segmenter {
  return /^(grid|slic|felzenszwalb):\d+$/.test(text);
}

async function readTensor(path: string, input: InputInfo, explain: Explainer, option: string): Promise<Tensor> {
  const content = await readInputFile(await host.readFile(path), path);
  switch (content.kind) {
    case 'tensor':
      return path.toLowerCase().endsWith('.json') ? asIds(content.tensor, input) : content.tensor;
    case 'table':
      return asIds(content.tensor, input);
    case 'image': {
      if (option === '--feature-mask') throw optionError(option, 'a file of integers: .npy, .npz, .csv or .json', path);
      const { feeds } = await explain.prepare({ [input.name]: content.image });
      return feeds[input.name] as Tensor;
    }
    case 'tensors': {
      const { [input.name]: own, ...others } = content.tensors;
      const only = own ?? (Object.keys(others).length === 1 ? Object.values(others)[0] : undefined);
      if (only === undefined) throw optionError(option, `a file with an array called "${input.name}"`, path);
      return only;
    }
  }
}
