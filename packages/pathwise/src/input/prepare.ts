import {
  argumentError,
  PathwiseError,
  type Feeds,
  type InputInfo,
  type Tensor,
  type TensorData,
  type Warning,
} from '@pathwise/model';
import type { Image } from '@pathwise/viz';
import type { Host } from '../host/host.ts';
import { readInputFile } from '../files/input-file.ts';
import { fromNested } from '../files/nested.ts';
import { preprocess } from '../preprocess/preprocess.ts';
import type { ImageLayout, Preprocessing } from '../preprocess/recipe.ts';
import { arrayToFeed, toFeed } from './feed.ts';
import { byName, isImage, isTensor, type ExplainInput, type InputValue } from './value.ts';

/** Values ready for a model, and what pictures of them need. */
export interface PreparedInput {
  readonly feeds: Feeds;
  /** By input: the image at the size that the model sees. */
  readonly images: Readonly<Record<string, Image>>;
  readonly layouts: Readonly<Record<string, ImageLayout>>;
  /** By input: names of the features, from the header of a table. */
  readonly featureNames: Readonly<Record<string, readonly string[]>>;
  readonly warnings: readonly Warning[];
}

export interface PrepareOptions {
  readonly host: Host;
  readonly preprocessing: Preprocessing | undefined;
}

interface Draft {
  readonly feeds: Record<string, Tensor>;
  readonly images: Record<string, Image>;
  readonly layouts: Record<string, ImageLayout>;
  readonly featureNames: Record<string, readonly string[]>;
  readonly warnings: Warning[];
}

/**
 * Reads, preprocesses and checks the inputs of a model.
 * @throws PathwiseError BAD_FILE, BAD_SHAPE, BAD_ARGUMENT, LIMIT_EXCEEDED
 */
export async function prepareInput(
  input: ExplainInput,
  inputs: readonly InputInfo[],
  options: PrepareOptions,
): Promise<PreparedInput> {
  const draft: Draft = { feeds: {}, images: {}, layouts: {}, featureNames: {}, warnings: [] };
  if (typeof input === 'string') await addFile(draft, input, null, inputs, options);
  else {
    const values = byName(
      input,
      inputs.map(({ name }) => name),
    );
    for (const info of inputs) {
      const value = values[info.name];
      if (value !== undefined) await addValue(draft, value, info, inputs, options);
    }
  }
  return draft;
}

async function addValue(
  draft: Draft,
  value: InputValue,
  info: InputInfo,
  inputs: readonly InputInfo[],
  options: PrepareOptions,
): Promise<void> {
  if (typeof value === 'string') return addFile(draft, value, info, inputs, options);
  if (isImage(value)) return addImage(draft, value, info, options);
  if (isTensor(value)) draft.feeds[info.name] = toFeed(info, value);
  else if (ArrayBuffer.isView(value)) draft.feeds[info.name] = arrayToFeed(info, value as TensorData);
  else {
    const fail = (problem: string): Error =>
      argumentError('explain', `input "${info.name}"`, 'nested arrays of numbers', problem);
    draft.feeds[info.name] = toFeed(info, fromNested(value, info.name, fail));
  }
}

/** A file for one input, or (`info` null) for whichever inputs it holds. */
async function addFile(
  draft: Draft,
  path: string,
  info: InputInfo | null,
  inputs: readonly InputInfo[],
  options: PrepareOptions,
): Promise<void> {
  const content = await readInputFile(await options.host.readFile(path), path);
  if (content.kind === 'tensors') return addArrays(draft, content.tensors, path, info, inputs);
  const only = info ?? theOnly(inputs, path);
  if (content.kind === 'image') return addImage(draft, content.image, only, options);
  draft.feeds[only.name] = ofFile(path, () =>
    toFeed(only, content.tensor, content.kind === 'table' ? 'flat' : 'exact'),
  );
  if (content.kind === 'table' && content.columns !== null) draft.featureNames[only.name] = content.columns;
}

function addArrays(
  draft: Draft,
  arrays: Readonly<Record<string, Tensor>>,
  path: string,
  info: InputInfo | null,
  inputs: readonly InputInfo[],
): void {
  const names = Object.keys(arrays);
  // One array for one input: its name does not matter.
  const single = info ?? (inputs.length === 1 ? inputs[0] : undefined);
  if (names.length === 1 && single !== undefined) {
    draft.feeds[single.name] = ofFile(path, () => toFeed(single, arrays[names[0] as string] as Tensor));
    return;
  }
  for (const name of names) {
    const target = (info === null ? inputs : [info]).find((input) => input.name === name);
    if (target !== undefined) draft.feeds[name] = ofFile(path, () => toFeed(target, arrays[name] as Tensor));
    else if (info === null) {
      throw argumentError(path, 'the name of an array', `an input (${inputs.map((i) => i.name).join(', ')})`, name);
    }
  }
  if (info !== null && draft.feeds[info.name] === undefined) {
    throw argumentError(path, 'an array', `one called "${info.name}"`, names.join(', '));
  }
}

/** Values that an input cannot take are the file's fault, and the caller learns which file. */
function ofFile<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (!(error instanceof PathwiseError)) throw error;
    const code = error.code === 'BAD_ARGUMENT' ? 'BAD_FILE' : error.code;
    throw new PathwiseError(code, `${path}: ${error.message}`, { ...error.place, file: path });
  }
}

function addImage(draft: Draft, image: Image, info: InputInfo, { preprocessing }: PrepareOptions): void {
  const made = preprocess(image, info, preprocessing);
  draft.feeds[info.name] = toFeed(info, made.tensor);
  draft.images[info.name] = made.image;
  draft.layouts[info.name] = made.layout;
  draft.warnings.push(...made.warnings);
}

function theOnly(inputs: readonly InputInfo[], path: string): InputInfo {
  const [only] = inputs;
  if (only === undefined || inputs.length > 1) {
    const names = inputs.map(({ name }) => name);
    throw argumentError('explain', 'the input', `NAME=${path} with NAME one of ${names.join(', ')}`, path);
  }
  return only;
}
