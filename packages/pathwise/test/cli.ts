import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import type { Tensor } from '@pathwise/model';
import { run } from '../src/cli/run.ts';
import { readNpy } from '../src/files/npy.ts';

/** The repository's folder of models. */
export const models: string = fileURLToPath(new URL('../../../models', import.meta.url));

/** What a command did. */
export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the command in this process. */
export async function pathwise(
  argv: readonly string[],
  signal: AbortSignal = new AbortController().signal,
): Promise<Ran> {
  const written = { stdout: '', stderr: '' };
  const writer = (name: 'stdout' | 'stderr') => ({ write: (text: string) => void (written[name] += text) });
  const code = await run(argv, { stdout: writer('stdout'), stderr: writer('stderr'), signal });
  return { code, ...written };
}

/** A folder for the files of one test. */
export interface Folder {
  at(name: string): string;
  write(name: string, content: string | Uint8Array): string;
  text(name: string): string;
  npy(name: string): Tensor;
  names(): string[];
}

export function temporaryFolder(): Folder {
  const root = mkdtempSync(join(tmpdir(), 'pathwise-cli-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const at = (name: string): string => join(root, name);
  return {
    at,
    write(name, content) {
      writeFileSync(at(name), content);
      return at(name);
    },
    text: (name) => readFileSync(at(name), 'utf8'),
    npy: (name) => readNpy(new Uint8Array(readFileSync(at(name))), name),
    names: () => readdirSync(root).sort(),
  };
}
