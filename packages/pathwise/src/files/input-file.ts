import { fileError, type Tensor } from '@pathwise/model';
import type { Image } from '@pathwise/viz';
import { readCsv } from './csv.ts';
import { readImageFile } from './image.ts';
import { readJsonTensors } from './json-tensors.ts';
import type { FileLimits } from './limits.ts';
import { readNpy } from './npy.ts';
import { readNpz } from './npz.ts';

/** What a file of values holds. */
export type InputFile =
  | { readonly kind: 'tensor'; readonly tensor: Tensor }
  | { readonly kind: 'tensors'; readonly tensors: Readonly<Record<string, Tensor>> }
  | { readonly kind: 'table'; readonly tensor: Tensor; readonly columns: readonly string[] | null }
  | { readonly kind: 'image'; readonly image: Image };

/** Endings of files that hold values. */
export const INPUT_ENDINGS = ['.npy', '.npz', '.csv', '.json', '.png', '.jpg', '.jpeg'] as const;

/**
 * Reads values from a file; the ending of its name decides how.
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED
 */
export async function readInputFile(bytes: Uint8Array, file: string, limits?: FileLimits): Promise<InputFile> {
  switch (/\.[^./\\]*$/.exec(file)?.[0].toLowerCase()) {
    case '.npy':
      return { kind: 'tensor', tensor: readNpy(bytes, file, limits) };
    case '.npz':
      return { kind: 'tensors', tensors: readNpz(bytes, file, limits) };
    case '.csv': {
      const { values, columns } = readCsv(bytes, file, limits);
      return { kind: 'table', tensor: values, columns };
    }
    case '.json': {
      const value = readJsonTensors(bytes, file, limits);
      return isTensor(value) ? { kind: 'tensor', tensor: value } : { kind: 'tensors', tensors: value };
    }
    case '.png':
    case '.jpg':
    case '.jpeg':
      return { kind: 'image', image: await readImageFile(bytes, file, limits) };
    default:
      throw fileError(file, 'a file of unknown kind', {}, `Values are read from ${INPUT_ENDINGS.join(', ')}`);
  }
}

function isTensor(value: Tensor | Record<string, Tensor>): value is Tensor {
  return 'dtype' in value && typeof value.dtype === 'string';
}
