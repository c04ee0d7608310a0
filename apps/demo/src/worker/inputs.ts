import { rowsOf, sizeOf } from '@pathwise/model';
import type { Image } from '@pathwise/viz';
import { float32, int64, PathwiseError, type PreparedInput, type Tensor } from 'pathwise';
import { droppedPath, keep } from './files.ts';
import type { OpenModel } from './models.ts';
import type { DroppedFile } from './protocol.ts';

/** One row, ready for the model, and what pictures of it need. */
export interface ModelRow {
  readonly prepared: PreparedInput;
  readonly image: Image | null;
  readonly featureNames: readonly string[] | null;
  /** The words that stand at the first places; the rest is padding. */
  readonly words: readonly string[] | null;
  /** Rows in the file that the row is from. */
  readonly rows: number;
}

/** Keeps a dropped file of values and gives the name that links call it by. */
export async function addInput(file: DroppedFile): Promise<{ id: string }> {
  return { id: `file:${await keep([file], file)}` };
}

/**
 * The input that a link names: `sample:K`, `file:HASH`, `text:…` or `row:…`.
 * @throws PathwiseError BAD_FILE, BAD_SHAPE
 */
export async function inputOf(model: OpenModel, name: string, row: number): Promise<ModelRow> {
  const { sample } = model;
  if (name.startsWith('text:')) return fromText(model, name.slice('text:'.length));
  if (name.startsWith('row:')) return fromNumbers(model, name.slice('row:'.length));
  if (name.startsWith('file:')) return fromFile(model, name.slice('file:'.length), row);
  if (sample === null) throw noInput(model);
  const index = Number(name.slice('sample:'.length));
  const chosen = sample.inputs[index];
  if (chosen === undefined) throw new PathwiseError('BAD_FILE', `${sample.title} has no sample ${index + 1}`);
  if (chosen.text !== undefined) return fromText(model, chosen.text);
  if (sample.rows !== undefined) return rowOf(await model.explain.prepare(sample.rows), index);
  return rowOf(await model.explain.prepare(chosen.url as string), 0);
}

function noInput({ explain }: OpenModel): PathwiseError {
  const wanted = explain.inputs.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
  return new PathwiseError(
    'BAD_FILE',
    `The model is open and waits for an input (${wanted}). Drop an image, .csv or .npy`,
  );
}

async function fromFile({ explain }: OpenModel, hash: string, row: number): Promise<ModelRow> {
  const path = droppedPath(hash, () => true);
  if (path === null) {
    throw new PathwiseError(
      'BAD_FILE',
      `This link is about an input file that is not here (SHA-256 ${hash.slice(0, 12)}…). Drop that file to see it`,
    );
  }
  return rowOf(await explain.prepare(path), row);
}

/** One row of the prepared rows. */
export function rowOf(prepared: PreparedInput, row: number): ModelRow {
  const counts = Object.values(prepared.feeds).map(({ shape }) => shape[0] ?? 1);
  const rows = Math.max(1, ...counts);
  if (row >= rows) throw new PathwiseError('BAD_FILE', `There are ${rows} rows; row ${row + 1} is not among them`);
  const feeds = Object.fromEntries(
    Object.entries(prepared.feeds).map(([name, feed]): [string, Tensor] => [
      name,
      feed.shape[0] === rows ? rowsOf(feed, row, row + 1) : feed,
    ]),
  );
  const [image = null] = Object.values(prepared.images);
  const [featureNames = null] = Object.values(prepared.featureNames);
  return { prepared: { ...prepared, feeds }, image, featureNames, words: null, rows };
}

/** The words of a text, and their ids with the padding. */
async function fromText(model: OpenModel, text: string): Promise<ModelRow> {
  const { vocabulary, explain } = model;
  const [input] = explain.inputs;
  const length = input?.shape[1];
  if (vocabulary === null || input === undefined || typeof length !== 'number') {
    throw new PathwiseError('BAD_FILE', 'This model does not read words. Choose another input');
  }
  const words =
    text
      .toLowerCase()
      .match(/[\p{L}\p{N}'-]+/gu)
      ?.slice(0, length) ?? [];
  if (words.length === 0) throw new PathwiseError('BAD_FILE', 'The text holds no words. Type a question');
  const ids = Array.from({ length }, (_, k) => {
    const word = words[k];
    return word === undefined ? 0 : Math.max(1, vocabulary.indexOf(word));
  });
  const prepared = await explain.prepare({ [input.name]: int64([1, length], ids) });
  return { ...rowOf(prepared, 0), words };
}

async function fromNumbers(model: OpenModel, text: string): Promise<ModelRow> {
  const { explain, sample } = model;
  const [input] = explain.inputs;
  const values = text.split(',').map(Number);
  const sizes = input?.shape.slice(1) ?? [];
  if (input === undefined || !sizes.every((size) => typeof size === 'number') || sizeOf(sizes) !== values.length) {
    throw new PathwiseError('BAD_SHAPE', `The model takes other inputs than ${values.length} numbers`);
  }
  const own = rowOf(await explain.prepare({ [input.name]: float32([1, ...sizes], values) }), 0);
  if (sample?.rows === undefined) return own;
  return { ...own, featureNames: rowOf(await explain.prepare(sample.rows), 0).featureNames };
}
