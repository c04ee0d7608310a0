import { PathwiseError } from 'pathwise';
import type { DroppedFile } from './protocol.ts';

/** Files that the user gave, by the folder they were put in: `dropped/SHA/NAME`. */
const dropped = new Map<string, Uint8Array>();
/** What was read over the network, so that it is asked for once. */
const fetched = new Map<string, Promise<Uint8Array>>();

const FOLDER = 'dropped/';

/** Reads a file that was given to the page, or one that the page was served with. */
export function readFile(path: string): Promise<Uint8Array> {
  if (path.startsWith(FOLDER)) {
    const bytes = dropped.get(path);
    if (bytes !== undefined) return Promise.resolve(bytes);
    const name = path.slice(path.lastIndexOf('/') + 1);
    throw new PathwiseError(
      'BAD_FILE',
      `${name} is missing: the model names it, and it was not among the files that were dropped. Drop all files of the model together`,
      { file: name },
    );
  }
  const known = fetched.get(path);
  if (known !== undefined) return known;
  const reading = fetchBytes(path);
  fetched.set(path, reading);
  reading.catch(() => fetched.delete(path));
  return reading;
}

export async function readText(path: string): Promise<string> {
  return new TextDecoder().decode(await readFile(path));
}

/** Keeps files together; the name of the folder is the hash of the first. */
export async function keep(files: readonly DroppedFile[], main: DroppedFile): Promise<string> {
  const hash = await sha256(main.bytes);
  for (const { name, bytes } of files) dropped.set(pathOf(hash, name), bytes);
  return hash;
}

export function pathOf(hash: string, name: string): string {
  return `${FOLDER}${hash}/${name}`;
}

/** The path of the file that a hash stands for; null when it was not given to this page. */
export function droppedPath(hash: string, isIt: (name: string) => boolean): string | null {
  for (const path of dropped.keys()) {
    if (path.startsWith(`${FOLDER}${hash}/`) && isIt(path.slice(FOLDER.length + hash.length + 1))) return path;
  }
  return null;
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

async function fetchBytes(path: string): Promise<Uint8Array> {
  const response = await fetch(path);
  if (!response.ok) throw new PathwiseError('BAD_FILE', `${path}: cannot be fetched (status ${response.status})`);
  return new Uint8Array(await response.arrayBuffer());
}
