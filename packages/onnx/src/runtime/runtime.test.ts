import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { PathwiseError } from '@pathwise/model';
import { installedRuntime } from './runtime.ts';

const messageOf = (packages: readonly string[]): Promise<string> =>
  installedRuntime(packages).then(
    () => 'found',
    (error: unknown) => `${(error as PathwiseError).code}: ${(error as PathwiseError).message}`,
  );

describe('finding ONNX Runtime', () => {
  test('where it is absent, the error says what to install', async () => {
    expect(await messageOf(['onnxruntime-absent', 'onnxruntime-also-absent'])).toMatchInlineSnapshot(
      `"ENGINE_UNAVAILABLE: engine "ort" needs ONNX Runtime, but it is not installed. Install it with \`ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node\` (native, Node) or \`npm install onnxruntime-web\` (WebAssembly), or give its module to createOrtEngine({ runtime })"`,
    );
  });

  test('one that is there but broken is told from one that is absent', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'pathwise-'));
    const broken = join(folder, 'broken.mjs');
    writeFileSync(broken, 'throw new Error("no such instruction");');
    expect(await messageOf(['onnxruntime-absent', pathToFileURL(broken).href])).toContain(
      'ENGINE_UNAVAILABLE: engine "ort" needs ONNX Runtime, but it cannot be loaded (file://',
    );
    expect(await messageOf([pathToFileURL(broken).href])).toContain('no such instruction');
    rmSync(folder, { recursive: true });
  });

  test('the first that is installed is taken', async () => {
    const { listSupportedBackends } = await installedRuntime();
    expect(listSupportedBackends).toBeTypeOf('function');
  });
});
