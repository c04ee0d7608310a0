// One process of `node tools/fuzz.mjs`: runs a range of cases and reports each on file descriptor 3, before and after,
// so that the parent knows which one hangs or ends the process. argv: folder of the compiled cases, JSON of the job.
import { writeSync } from 'node:fs';
import { pathToFileURL, fileURLToPath } from 'node:url';
import { encode as encodePng } from 'fast-png';
import { zipSync } from 'fflate';
import { encode as encodeJpeg } from 'jpeg-js';
import { readOnnx } from '@pathwise/onnx';
import { referenceEngine } from '@pathwise/ops';
import { readTfjs } from '@pathwise/tfjs';
import { readCsv } from '../../dist/files/csv.js';
import { readImage } from '../../dist/files/image.js';
import { readJsonTensors } from '../../dist/files/json-tensors.js';
import { readNpy, writeNpy } from '../../dist/files/npy.js';
import { readNpz, writeNpz } from '../../dist/files/npz.js';
import { flopOf } from '../../dist/inspect/flop.js';

const [compiled, job] = process.argv.slice(2);
const { format, seed, from, to } = JSON.parse(job);
const load = (name) => import(pathToFileURL(`${compiled}/${name}.js`).href);
const { runCase } = await load('cases');
const { targets } = await load('targets');

const subjects = {
  readNpy,
  writeNpy,
  readNpz,
  writeNpz,
  readCsv,
  readJsonTensors,
  readImage,
  encodePng: (image) => encodePng(image),
  encodeJpeg: (image) => new Uint8Array(encodeJpeg(image, 80).data),
  deflateZip: (files) => zipSync(files),
  readOnnx: (bytes) => readOnnx(bytes, { name: 'model.onnx' }),
  readTfjs: (json, weights) => readTfjs({ read: async (path) => (path === 'model.json' ? json : weights) }),
  flopOf,
  async evaluate(graph) {
    const feeds = graph.inputs.map((name) => {
      const { dtype, shape } = graph.types.get(name);
      return [name, { dtype, shape, data: new Float64Array(shape.reduce((a, b) => a * b, 1)) }];
    });
    const executable = await referenceEngine.load(graph);
    return executable.run(Object.fromEntries(feeds), graph.outputs);
  },
};

const target = targets(subjects, fileURLToPath(new URL('../../../../models/', import.meta.url))).find(
  (candidate) => candidate.format === format,
);
for (let index = from; index < to; index++) {
  // What earlier cases left behind is not this one's memory.
  if ((index - from) % 100 === 0) globalThis.gc?.();
  writeSync(3, `start ${index}\n`);
  const started = performance.now();
  const outcome = await runCase(target, seed, index);
  const milliseconds = performance.now() - started;
  writeSync(3, `end ${JSON.stringify({ index, outcome, milliseconds, rss: process.resourceUsage().maxRSS })}\n`);
}
