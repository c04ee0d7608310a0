// Installs the workspace and builds every package. Needs Node 20 and npm only.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pnpm, root } from './run.mjs';

const [major] = process.versions.node.split('.').map(Number);
if (major < 20) {
  console.error(`Pathwise needs Node 20 or newer; this is ${process.version}.`);
  process.exit(1);
}
const started = Date.now();
const steps = [
  [
    'install',
    [
      'install',
      '--frozen-lockfile',
      '--prefer-offline',
      '--reporter=append-only',
      '--config.confirmModulesPurge=false',
    ],
  ],
  ['build', ['run', 'build', '--output-logs=errors-only']],
];
for (const [name, args] of steps) {
  if (!pnpm(args)) {
    console.error(`\nSetting up failed at: ${name}.`);
    process.exit(1);
  }
}
if (!existsSync(resolve(root, 'packages/pathwise/dist'))) throw new Error('the build left no packages/pathwise/dist');
console.log(`Set up in ${Math.round((Date.now() - started) / 1000)} s.\n`);
