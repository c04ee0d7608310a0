import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { Core } from './core.ts';
import { loadCore } from './load.ts';
import { ensureCore } from '../tools/build.mjs';

const path = new URL('../wasm/core.wasm', import.meta.url);

beforeAll(ensureCore, 120_000);

describe('loading the core', () => {
  test('from the package, once', async () => {
    const module = await loadCore();
    expect(await loadCore()).toBe(module);
    expect(new Core(module).memoryBytes).toBeGreaterThan(0);
  });

  test.each([
    ['a module', async () => new WebAssembly.Module(await readFile(path))],
    ['bytes', async () => new Uint8Array(await readFile(path))],
    ['a response', async () => new Response(await readFile(path))],
    ['a URL', () => Promise.resolve(path)],
    ['a path as text', () => Promise.resolve(path.href)],
  ])('from %s', async (_name, source) => {
    expect(await loadCore(source())).toBeInstanceOf(WebAssembly.Module);
  });

  test('failures say what to do, and do not stay', async () => {
    await expect(loadCore(new URL('nowhere.wasm', path))).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringMatching(
        /^wasm: the core could not be loaded \(ENOENT.*Build the package, or give loadCore/u,
      ) as string,
    });
    expect(await loadCore()).toBeInstanceOf(WebAssembly.Module);
  });

  test('a module that is not the core is refused', () => {
    // The empty module: magic and version 1.
    const empty = new WebAssembly.Module(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
    expect(() => new Core(empty)).toThrow('expected a core with interface version 1, got undefined');
  });
});
