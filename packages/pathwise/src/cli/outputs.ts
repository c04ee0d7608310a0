import { toFloat64, type Attribution, type Tensor } from '@pathwise/model';
import { render, type PictureFormat, type RenderOptions } from '@pathwise/viz';
import { writeNpy } from '../files/npy.ts';
import { writeNpz } from '../files/npz.ts';
import type { OutputFile } from './write-files.ts';
import { optionError, usageError } from './usage-error.ts';

const ENDINGS = ['.npy', '.npz', '.json', '.png', '.svg', '.html'] as const;
type Ending = (typeof ENDINGS)[number];

/**
 * Checks the files of `-o` before anything is computed.
 * @throws PathwiseError BAD_ARGUMENT for an ending that is not written, or a file named twice
 */
export function checkOutputs(paths: readonly string[]): void {
  for (const path of paths)
    if (endingOf(path) === null) throw optionError('-o', `a file ending in ${ENDINGS.join(', ')}`, path);
  const twice = paths.find((path, i) => paths.indexOf(path) !== i);
  if (twice !== undefined) throw usageError(`-o ${twice} is given twice`);
}

/** The files of `-o`: a .npy for each attributed tensor, pictures of the first row, the result as JSON. */
export async function outputFiles(
  paths: readonly string[],
  attribution: Attribution,
  json: unknown,
  picture: Omit<RenderOptions, 'format'>,
): Promise<OutputFile[]> {
  const files: OutputFile[] = [];
  for (const path of paths) {
    const ending = endingOf(path) as Ending;
    switch (ending) {
      case '.npy':
        files.push(...npyFiles(path, attribution.attributions));
        break;
      case '.npz':
        files.push({ path, content: writeNpz(attribution.attributions) });
        break;
      case '.json':
        files.push({ path, content: `${JSON.stringify(json, null, 2)}\n` });
        break;
      default:
        files.push({
          path,
          content: await render(attribution, { ...picture, format: ending.slice(1) as PictureFormat }),
        });
    }
  }
  return files;
}

/** One tensor: the file itself. Several: `a.npy` becomes `a.NAME.npy` for each. */
function npyFiles(path: string, attributions: Readonly<Record<string, Tensor>>): OutputFile[] {
  const entries = Object.entries(attributions);
  if (entries.length === 1) return entries.map(([, tensor]) => ({ path, content: writeNpy(tensor) }));
  const stem = path.slice(0, -'.npy'.length);
  const names = new Set<string>();
  return entries.map(([name, tensor]) => {
    // Tensor names may hold slashes; file names may not.
    let safe = name.replaceAll(/[/\\:]/g, '_');
    while (names.has(safe)) safe += '_';
    names.add(safe);
    return { path: `${stem}.${safe}.npy`, content: writeNpy(tensor) };
  });
}

function endingOf(path: string): Ending | null {
  return ENDINGS.find((ending) => path.toLowerCase().endsWith(ending)) ?? null;
}

/**
 * The attributions of token models, summed over the axes after the tokens: shape [rows, tokens]. Elements that were
 * switched together carry one value, which counts once.
 */
export function perToken(attribution: Attribution, embeddings: ReadonlySet<string>): Attribution {
  const attributions = Object.fromEntries(
    Object.entries(attribution.attributions).map(([name, tensor]) => [
      name,
      embeddings.has(name) && tensor.shape.length > 2 ? sumLastAxis(tensor, attribution.players?.ids[name]) : tensor,
    ]),
  );
  // Errors of a sum do not follow from those of its parts.
  const { standardErrors: _, ...rest } = attribution;
  return { ...rest, attributions };
}

function sumLastAxis({ shape, data }: Tensor, players?: Tensor): Tensor {
  const width = shape.at(-1) as number;
  const counts = (element: number): boolean => {
    if (players === undefined) return true;
    const own = players.data;
    const at = element % own.length;
    return !own.subarray(at - (at % width), at).includes(own[at] as never);
  };
  const values = toFloat64(data);
  const sums = new Float32Array(values.length / width);
  for (let i = 0; i < sums.length; i++) {
    let sum = 0;
    for (let k = 0; k < width; k++) if (counts(i * width + k)) sum += values[i * width + k] as number;
    sums[i] = sum;
  }
  return { dtype: 'float32', shape: shape.slice(0, -1), data: sums };
}
