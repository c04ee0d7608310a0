import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { ensureCore } from '../tools/build.mjs';

const root = resolve(import.meta.dirname, '../../..');

/** Builds the core and the script of the workers, which load it compiled, as they do for users. */
export async function buildWorkers(): Promise<void> {
  await ensureCore();
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  execFileSync(process.execPath, [tsc, '-b', 'packages/pathwise'], { cwd: root });
}
