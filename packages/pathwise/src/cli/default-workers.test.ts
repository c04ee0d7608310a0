import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { defaultWorkers } from './default-workers.ts';

test.each([
  ['a small file', 2 ** 20 - 1, 1],
  ['a large file', 2 ** 20, Math.min(4, availableParallelism())],
])('%s', async (_name, size, workers) => {
  const folder = await mkdtemp(join(tmpdir(), 'pathwise-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const model = join(folder, 'model.onnx');
  await writeFile(model, new Uint8Array(size));
  expect(await defaultWorkers(model)).toBe(workers);
});

test('a model that is not there, or on a server', async () => {
  expect(await defaultWorkers('nowhere/model.onnx')).toBe(1);
  expect(await defaultWorkers('https://localhost/model.onnx')).toBe(1);
});
