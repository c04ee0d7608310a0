import { fileURLToPath } from 'node:url';
import { encode as encodePng } from 'fast-png';
import { zipSync } from 'fflate';
import { encode as encodeJpeg } from 'jpeg-js';
import { describe, expect, test } from 'vitest';
import { sizeOf } from '@pathwise/model';
import { readOnnx } from '@pathwise/onnx';
import { referenceEngine } from '@pathwise/ops';
import { readTfjs } from '@pathwise/tfjs';
import { readCsv } from '../../src/files/csv.ts';
import { readImage } from '../../src/files/image.ts';
import { readJsonTensors } from '../../src/files/json-tensors.ts';
import { readNpy, writeNpy } from '../../src/files/npy.ts';
import { readNpz, writeNpz } from '../../src/files/npz.ts';
import { flopOf } from '../../src/inspect/flop.ts';
import { runCase } from './cases.ts';
import { targets } from './targets.ts';

// The short form of `node tools/fuzz.mjs`, which also bounds time and memory.
const CASES = 300;
const SEED = 20_260_101;

const models = fileURLToPath(new URL('../../../../models/', import.meta.url));
const formats = targets(
  {
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
    readTfjs: (json, weights) => readTfjs({ read: (path) => Promise.resolve(path === 'model.json' ? json : weights) }),
    flopOf,
    async evaluate(graph) {
      const feeds = graph.inputs.map((name) => {
        const type = graph.types.get(name)!;
        return [name, { ...type, data: new Float64Array(sizeOf(type.shape)) }];
      });
      const executable = await referenceEngine.load(graph);
      return executable.run(Object.fromEntries(feeds), graph.outputs);
    },
  },
  models,
);

describe.each(formats)('$format', (target) => {
  test('the files that mutations start from are good', async () => {
    for (const seed of target.seeds) expect(await target.use(seed)).toBeTypeOf('string');
  });

  test(`${CASES} mutations give a result or an error with a code`, async () => {
    const kinds = { result: 0, error: 0, fault: 0 };
    for (let index = 0; index < CASES; index++) {
      const outcome = await runCase(target, SEED, index);
      kinds[outcome.kind]++;
      if (outcome.kind === 'fault') expect.fail(`case ${index}: ${outcome.message}`);
    }
    // Mutations that never get through, or never do damage, would test nothing.
    expect(kinds.error).toBeGreaterThan(CASES / 10);
    expect(kinds.result).toBeGreaterThan(0);
  });
});
