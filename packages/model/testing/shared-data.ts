import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** Reference data that lie beside the repository, for tests only. */
export interface SharedData {
  readonly path: string;
  readonly present: boolean;
}

/** Data at `../shared/<path>`; where they are absent, says once that the tests that need them are skipped. */
export function sharedData(path: string): SharedData {
  const full = resolve(import.meta.dirname, '../../../../shared', path);
  const present = existsSync(full);
  if (!present) console.warn(`skipped: tests that read ../shared/${path}, which is not there`);
  return { path: full, present };
}
