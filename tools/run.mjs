// Runs commands for the scripts in this folder.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const pinned = JSON.parse(readFileSync(resolve(root, 'package.json'), 'utf8')).packageManager;

/** Runs a command with inherited output; returns whether it succeeded. */
export function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
    env: { ...process.env, TURBO_TELEMETRY_DISABLED: '1' },
    ...options,
  });
  if (result.error) console.error(`${command}: ${result.error.message}`);
  return result.status === 0;
}

/** Runs pnpm in the version that package.json pins, fetched through npm, so that a bare machine needs nothing else. */
export function pnpm(args, options = {}) {
  return run('npm', ['exec', '--yes', `--package=${pinned}`, '--', 'pnpm', ...args], options);
}
