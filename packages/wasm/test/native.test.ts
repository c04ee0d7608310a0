import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sizeOf, toFloat64 } from '@pathwise/model';
import { allOps } from '@pathwise/ops';
import { compile, wasmEngine } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';
import { compileNative, hasCompiler, mutateNative, runNative, type NativeCase } from './native.ts';
import { instantiate } from './instance.ts';
import { bandCase, blockCase, opCase, wideCase, type OpCase } from './op-cases.ts';
import { runJobs } from './run-jobs.ts';
import { zerosCase } from './zeros-case.ts';

/** One tile, not full. */
const ROWS = 5;

/** Seeded changes of plans, spread over those of all ops. */
const ALL_MUTATIONS = Number(process.env['MUTATIONS'] ?? 100_000);

const supported = hasCompiler();
if (!supported)
  console.warn(
    'skipped: native builds of the core (no C compiler "cc" with address and undefined-behaviour sanitizers)',
  );

describe.runIf(supported)('the same sources, compiled natively under sanitizers', () => {
  const folder = mkdtempSync(join(tmpdir(), 'pathwise-native-'));
  const cases = allOps.flatMap((op) =>
    op.examples.flatMap((example) => {
      const one = opCase(op, example, 'first', ROWS, 11) ?? opCase(op, example, 'all', ROWS, 11);
      return one !== null && wasmEngine.supports(one.graph).ok ? [{ name: `${op.name}: ${example.name}`, ...one }] : [];
    }),
  );
  cases.push(
    { name: 'a wide convolution', ...wideCase(ROWS, 3) },
    { name: 'a block', ...blockCase(ROWS, 3) },
    { name: 'zeros', ...zerosCase({ rows: ROWS, seed: 3, share: 0.6 }) },
    { name: 'blocks in bands', ...bandCase(ROWS, 3) },
  );
  let program = '';

  beforeAll(async () => {
    await ensureCore();
    program = compileNative(folder);
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true }));

  test('give the bits of the SIMD build for every example of every op', async () => {
    const native = new Float32Array(runNative(program, folder, cases.map(asNative)));
    let at = 0;
    for (const { name, graph, feeds, wanted } of cases) {
      const executable = await wasmEngine.load(graph);
      const outputs = await executable.run(feeds, wanted);
      for (const output of wanted) {
        const ours = Float32Array.from(toFloat64(outputs[output]!.data));
        expect([name, output, differingBits(ours, native.subarray(at, at + ours.length))]).toEqual([name, output, -1]);
        at += ours.length;
      }
    }
    expect(at).toBe(native.length);
  }, 180_000);

  // Infinities of gradients end a job, so those that meet them are left to the test with changed plans.
  test('give the bits of the SIMD build for jobs on every gradient', () => {
    const core = instantiate();
    const sound = cases.flatMap((one) => {
      const native = asNative(one);
      const bytes = runJobs(core, native);
      return bytes === null ? [] : [{ native, bytes, name: one.name }];
    });
    expect(sound.length).toBeGreaterThan(100);
    const all = new Uint8Array(
      runNative(
        program,
        folder,
        sound.map(({ native }) => native),
        'jobs',
      ),
    );
    let at = 0;
    for (const { bytes, name } of sound) {
      expect([name, Buffer.compare(all.subarray(at, at + bytes.length), bytes)]).toEqual([name, 0]);
      at += bytes.length;
    }
    expect(at).toBe(all.length);
  }, 180_000);

  test('survive changed plans: an error or a result', () => {
    const each = Math.ceil(ALL_MUTATIONS / cases.length);
    const { ran, refused, jobs } = mutateNative(program, folder, cases.map(asNative), each);
    expect(ran + refused).toBe(cases.length * each);
    expect(ran).toBeGreaterThan(0);
    expect(refused).toBeGreaterThan(ran / 10);
    expect(jobs).toBeGreaterThan(ran / 10);
  }, 1_200_000);
});

function asNative({ graph, feeds, wanted }: OpCase): NativeCase {
  const outputs = { ...graph, outputs: wanted };
  const inputs = Float32Array.from(graph.inputs.flatMap((name) => Array.from(feeds[name]!.data as Float32Array)));
  const outputFloats = ROWS * wanted.reduce((sum, name) => sum + sizeOf(graph.types.get(name)!.shape), 0);
  return { plan: compile(outputs).bytes, rows: ROWS, inputs, outputFloats };
}

/** First element whose bits differ, or -1; any NaN equals any other. */
function differingBits(a: Float32Array, b: Float32Array): number {
  return a.findIndex((value, i) => !Object.is(value, b[i]));
}
