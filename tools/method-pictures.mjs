// Draws the pictures of docs/methods anew, by the commands that the pages show: `node tools/method-pictures.mjs [ids]`.
import { copyFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { picturesOfMethods } from './method-pages.mjs';
import { root, run } from './run.mjs';

const only = new Set(process.argv.slice(2));
for (const { id, argv, output, picture } of picturesOfMethods()) {
  if (only.size > 0 && !only.has(id)) continue;
  run('node', ['packages/pathwise/bin/pathwise.js', ...argv]);
  copyFileSync(resolve(root, output), resolve(root, picture));
}
