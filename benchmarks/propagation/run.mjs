// How long a backward pass by rules takes compared with a gradient, on the same loaded model and engine:
//   node benchmarks/propagation/run.mjs [--engines wasm,reference] [--methods lrp-epsilon] [--models squeezenet-1.0] [--runs 15]
// CPU time of one row through the library, the smallest of several runs, methods taking turns. The graphs are compiled
// before. Exit 1 if lrp-epsilon takes more than 1.5 times the gradient anywhere. The models lie beside the repository.
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { rowsOf } from '@pathwise/model';
import { explainer, readNpy } from 'pathwise';

const shared = resolve(import.meta.dirname, '../../../shared');
const { values: flags } = parseArgs({
  options: {
    engines: { type: 'string', default: 'wasm,reference' },
    methods: { type: 'string', default: 'lrp-epsilon' },
    models: { type: 'string' },
    runs: { type: 'string', default: '15' },
  },
});

const models = [
  ['breast-cancer-mlp', 'goldens/breast-cancer-mlp', 'goldens/breast-cancer-mlp/x.npy'],
  ['digits-cnn', 'goldens/digits-cnn', 'goldens/digits-cnn/x.npy'],
  ['mini-googlenet', 'goldens/mini-googlenet', 'goldens/mini-googlenet/x.npy'],
  ['resnet-8-cifar10', 'models/resnet-8-cifar10', 'models/photos/chelsea.resnet-8-cifar10.npy'],
  ['transformer-text', 'goldens/transformer-text', 'goldens/transformer-text/ids.npy'],
  ['lstm-mnist-rows', 'models/lstm-mnist-rows', 'models/lstm-mnist-rows/digits.npy'],
  ['squeezenet-1.0', 'models/squeezenet-1.0', 'models/photos/chelsea.squeezenet-1.0.npy'],
  ['mobilenet-v2', 'models/mobilenet-v2', 'models/photos/chelsea.mobilenet-v2.npy'],
];
const chosen = models.filter(([name]) => flags.models === undefined || flags.models.split(',').includes(name));
const methods = ['gradient', ...flags.methods.split(',')];
const LIMIT = 1.5;
let tooSlow = false;

console.log(
  `| model | engine | ${methods.join(' | ')} | ratios |\n| --- | --- | ${methods.map(() => '---').join(' | ')} | --- |`,
);
for (const [name, folder, input] of chosen) {
  const path = resolve(shared, folder);
  const file = resolve(
    path,
    readdirSync(path).find((entry) => entry.endsWith('.onnx')),
  );
  const x = rowsOf(readNpy(new Uint8Array(readFileSync(resolve(shared, input))), input), 0, 1);
  for (const engine of flags.engines.split(',')) {
    const explain = await explainer(file, { engine });
    const best = new Map(methods.map((method) => [method, Infinity]));
    for (let run = -1; run < Number(flags.runs); run++) {
      for (const method of methods) {
        const before = process.cpuUsage();
        await explain(x, { method, target: 0 });
        const { user, system } = process.cpuUsage(before);
        // The first run compiles.
        if (run >= 0) best.set(method, Math.min(best.get(method), (user + system) / 1000));
      }
    }
    explain.dispose();
    const gradient = best.get('gradient');
    const ratios = methods.slice(1).map((method) => best.get(method) / gradient);
    if (methods.some((method, i) => method === 'lrp-epsilon' && ratios[i - 1] > LIMIT)) tooSlow = true;
    const times = methods.map((method) => `${best.get(method).toFixed(1)} ms`);
    console.log(`| ${name} | ${engine} | ${times.join(' | ')} | ${ratios.map((r) => r.toFixed(2)).join(', ')} |`);
  }
}
process.exitCode = tooSlow ? 1 : 0;
