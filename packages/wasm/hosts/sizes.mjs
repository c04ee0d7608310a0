// What the edge costs: node packages/wasm/hosts/sizes.mjs [MODEL.onnx ...] prints sizes of code and plans, and the core's
// memory, as Markdown. The hosts must have been installed (run.mjs does it) and the packages built.
import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { compilePlan, explainer } from '../../pathwise/dist/index.js';
import { openPlan } from '../dist/edge/index.js';

const here = import.meta.dirname;
const root = resolve(here, '../../..');
const asked = process.argv.slice(2);
const models =
  asked.length > 0 ? asked : ['penguins', 'fashion-mnist'].map((name) => `${root}/models/${name}/model.onnx`);
const number = (value) => value.toLocaleString('en-GB');
const row = (...cells) => console.log(`| ${cells.join(' | ')} |`);

const bundled = await build({
  stdin: { contents: "export { openPlan } from '@pathwise/wasm/edge';", resolveDir: root },
  conditions: ['workerd'],
  external: ['*.wasm'],
  bundle: true,
  minify: true,
  format: 'esm',
  write: false,
});
row('code', 'bytes', 'gzipped');
row('---', '---:', '---:');
for (const [name, bytes] of [
  ['core.wasm', readFileSync(`${here}/../wasm/core.wasm`)],
  ['loader, minified', bundled.outputFiles[0].contents],
]) {
  row(name, number(bytes.length), number(gzipSync(bytes, { level: 9 }).length));
}
console.log();
row('plan', 'bytes', 'gzipped', 'memory, opened', 'after 50 points', 'after 2,000 points');
row('---', '---:', '---:', '---:', '---:', '---:');
for (const path of models) {
  const explain = await explainer(path, { engine: 'wasm', preprocess: 'raw' });
  const file = await compilePlan(explain);
  explain.dispose();
  const plan = await openPlan(file, { maxBytes: 2 ** 30 });
  const memory = [plan.memoryBytes];
  const size = plan.info.inputs[0].shape.reduce((a, b) => a * b, 1);
  const input = Float32Array.from({ length: size }, (_, i) => ((i * 37) % 100) / 100);
  for (const steps of [50, 2000]) {
    await plan.attribute(input, { steps });
    memory.push(plan.memoryBytes);
  }
  const name = basename(path) === 'model.onnx' ? basename(dirname(path)) : basename(path);
  row(
    name,
    number(file.length),
    number(gzipSync(file).length),
    ...memory.map((bytes) => `${number(bytes / 1024)} KiB`),
  );
}
