import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { buildCore, ensureCore } from '../tools/build.mjs';
import { corePath, ERROR, INFO, instantiate, lastError, put } from './instance.ts';

beforeAll(ensureCore, 120_000);

describe('the module', () => {
  test('imports nothing and exports its memory and the interface of native/pathwise.h', () => {
    const module = new WebAssembly.Module(readFileSync(corePath));
    const header = readFileSync(corePath.replace(/wasm.core\.wasm$/u, 'native/pathwise.h'), 'utf8');
    const declared = [...header.matchAll(/^[a-z][\w ]*\*?\s?\*?(pw_\w+)\(/gmu)].map((match) => match[1]);
    expect(WebAssembly.Module.imports(module)).toEqual([]);
    expect(declared).toHaveLength(22);
    expect(
      WebAssembly.Module.exports(module)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...declared, 'memory'].sort());
  });

  test('stays under 100 KB gzipped', () => {
    expect(gzipSync(readFileSync(corePath)).length).toBeLessThan(100_000);
  });

  test('is the same, byte for byte, when built again', async () => {
    const again = await buildCore();
    expect(Buffer.compare(readFileSync(corePath), again)).toBe(0);
  }, 120_000);

  test('runs its self-test: running sums of 0 to 7', () => {
    const core = instantiate();
    core.pw_selftest();
    const at = core.pw_selftest_result();
    const status = new Int32Array(core.memory.buffer, at, 1)[0];
    expect([core.pw_abi_version(), core.pw_features() & 1, status]).toEqual([1, 1, 0]);
    expect([...new Float32Array(core.memory.buffer, at + 4, 8)]).toEqual([0, 1, 3, 6, 10, 15, 21, 28]);
    expect(lastError(core)).toBe('');
  });
});

describe('memory', () => {
  test('blocks are aligned to 64 bytes, do not overlap, and are used again', () => {
    const core = instantiate();
    const sizes = [1, 64, 65, 1000, 100_000];
    const blocks = sizes.map((size) => core.pw_alloc(size));
    expect(blocks.every((at) => at > 0 && at % 64 === 0)).toBe(true);
    for (const [i, at] of blocks.entries()) new Uint8Array(core.memory.buffer, at, sizes[i]).fill(i + 1);
    for (const [i, at] of blocks.entries())
      expect(new Uint8Array(core.memory.buffer, at, sizes[i]).every((byte) => byte === i + 1)).toBe(true);
    for (const at of blocks) core.pw_free(at);
    const pages = core.memory.buffer.byteLength;
    for (let i = 0; i < 1000; i++) core.pw_free(core.pw_alloc(100_000));
    expect(core.memory.buffer.byteLength).toBe(pages);
  });

  test('freed neighbours become one block', () => {
    const core = instantiate();
    const blocks = Array.from({ length: 32 }, () => core.pw_alloc(50_000));
    for (const at of blocks) core.pw_free(at);
    const pages = core.memory.buffer.byteLength;
    expect(core.pw_alloc(1_000_000)).toBeGreaterThan(0);
    expect(core.memory.buffer.byteLength).toBe(pages);
  });

  test('ends at the limit, and goes on when something is freed', () => {
    const core = instantiate();
    core.pw_memory_limit(10_000);
    const block = core.pw_alloc(6000);
    expect(block).toBeGreaterThan(0);
    expect(core.pw_alloc(6000)).toBe(0);
    core.pw_free(block);
    expect(core.pw_alloc(6000)).toBeGreaterThan(0);
    expect(core.pw_alloc(0xffffffff)).toBe(0);
  });
});

describe('bad calls give a code and a text', () => {
  test.each([
    ['no plan', (core) => core.pw_forward(0, 1, 0, 0), ERROR.argument, 'no such plan'],
    ['a negative handle', (core) => core.pw_plan_info(-1, 0, 0), ERROR.argument, 'no such plan'],
    [
      'address 0',
      (core) => core.pw_plan_load(0, 1000),
      ERROR.argument,
      'a plan must be aligned to 64 bytes and have a header',
    ],
    [
      'no header',
      (core) => core.pw_plan_load(put(core, new Uint8Array(64)), 63),
      ERROR.argument,
      'a plan must be aligned to 64 bytes and have a header',
    ],
    [
      'zeros',
      (core) => core.pw_plan_load(put(core, new Uint8Array(64)), 64),
      ERROR.file,
      'this is not a plan: it does not begin with PWPL',
    ],
  ] satisfies [string, (core: ReturnType<typeof instantiate>) => number, number, string][])(
    '%s',
    (_name, call, code, text) => {
      const core = instantiate();
      expect([call(core), lastError(core)]).toEqual([code, text]);
    },
  );

  test('freeing what is not there does nothing', () => {
    const core = instantiate();
    core.pw_free(0);
    core.pw_plan_free(7);
    core.pw_plan_free(-3);
    expect(core.pw_plan_info(0, INFO.lanes, 0)).toBe(ERROR.argument);
  });
});
