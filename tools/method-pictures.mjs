// Draws the pictures of docs/methods anew, by the commands that the pages show: `node tools/method-pictures.mjs [ids]`.
import { copyFileSync, mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { picturesOfMethods } from './method-pages.mjs';
import { root, run } from './run.mjs';

const only = new Set(process.argv.slice(2));
for (const { id, argv, output, picture } of picturesOfMethods()) {
  if (only.size > 0 && !only.has(id)) continue;
  mkdirSync(resolve(root, dirname(output)), { recursive: true });
  if (!run(process.execPath, ['packages/pathwise/bin/pathwise.js', ...argv])) process.exit(1);
  copyFileSync(resolve(root, output), resolve(root, picture));
}
