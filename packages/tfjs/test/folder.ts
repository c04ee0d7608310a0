import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileSource } from '../src/index.ts';

/** The files of a folder. */
export function folder(path: string): FileSource {
  return { read: (file) => readFile(join(path, file)) };
}
