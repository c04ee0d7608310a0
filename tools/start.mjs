// Explains a real image with a real trained model: the first thing to look at.
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { root, run } from './run.mjs';

const model = 'models/fashion-mnist';
const out = 'pathwise-out';
mkdirSync(resolve(root, out), { recursive: true });
const ok = run(process.execPath, [
  resolve(root, 'packages/pathwise/bin/pathwise.js'),
  'attribute',
  `${model}/model.onnx`,
  '--input',
  `${model}/images/ankle-boot.png`,
  '--preprocess',
  `${model}/preprocess.json`,
  '--labels',
  `${model}/labels.txt`,
  '--method',
  'integrated-gradients',
  '--target',
  'top1',
  '-o',
  `${out}/ankle-boot.png`,
  '-o',
  `${out}/ankle-boot.html`,
  '-o',
  `${out}/ankle-boot.npy`,
]);
if (!ok) process.exit(1);
console.log(`
Next:
  npx pathwise --help                       all commands
  npx pathwise methods                      what can be computed
  npx pathwise inspect ${model}/model.onnx  what a model is made of
  npm run demo                              the same in a browser, with a page of its own
  npm test                                  all tests
`);
