import { beforeAll, describe, expect, test } from 'vitest';
import { graphBuilder } from '@pathwise/ops';
import { compile } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { ERROR, INFO, instantiate, lastError, put, type Instance } from './instance.ts';

beforeAll(ensureCore, 120_000);

/** x [1, 3] -> softmax(relu(x W + b)), [1, 4], with a look-up of its first element. */
function plan(): Uint8Array {
  const b = graphBuilder();
  const x = b.input('x', [1, 3]);
  const w = b.constant({
    dtype: 'float32',
    shape: [3, 4],
    data: Float32Array.from({ length: 12 }, (_, i) => i / 8 - 0.5),
  });
  const bias = b.constant({ dtype: 'float32', shape: [4], data: Float32Array.of(0.5, 0.25, 0, -0.25) });
  const y = b.softmax(b.relu(b.gemm(x, w, bias)));
  const first = b.emit('Gather', [y, b.ints([0])], { axis: 1 });
  return compile(b.build([y, first])).bytes;
}

const changed = (word: number, value: number): Uint8Array => {
  const bytes = plan();
  new Int32Array(bytes.buffer)[word] = value;
  return bytes;
};

const load = (core: Instance, bytes: Uint8Array): number => core.pw_plan_load(put(core, bytes), bytes.length);

describe('a plan', () => {
  test('tells its shape and can be freed', () => {
    const core = instantiate();
    const handle = load(core, plan());
    const info = (what: number, index = 0): number => core.pw_plan_info(handle, what, index);
    expect([info(INFO.lanes), info(INFO.inputs), info(INFO.outputs)]).toEqual([8, 1, 2]);
    expect([info(INFO.inputSize), info(INFO.outputSize), info(INFO.outputSize, 1)]).toEqual([3, 4, 1]);
    expect(info(INFO.steps)).toBeGreaterThan(5);
    expect(info(INFO.arenaBytes) % 32).toBe(0);
    expect([info(INFO.inputSize, 1), lastError(core)]).toEqual([ERROR.argument, 'no such input or output']);
    expect([info(99), lastError(core)]).toEqual([ERROR.argument, 'no such information']);
    core.pw_plan_free(handle);
    expect(info(INFO.lanes)).toBe(ERROR.argument);
  });

  test('takes 1 to 8 rows', () => {
    const core = instantiate();
    const handle = load(core, plan());
    const memory = core.pw_alloc(1024);
    expect([0, 1, 8, 9].map((rows) => core.pw_forward(handle, rows, memory, memory + 512))).toEqual([-1, 0, 0, -1]);
    expect(lastError(core)).toBe('a tile has 1 to 8 rows');
  });

  test.each([
    ['another magic', changed(0, 1), ERROR.file, 'this is not a plan: it does not begin with PWPL'],
    ['another version', changed(1, 1), ERROR.version, 'a plan of another format version; compile the model again'],
    ['another length', changed(2, 100), ERROR.file, 'the plan is cut short or has bytes too many'],
    ['cut short', plan().slice(0, 200), ERROR.file, 'the plan is cut short or has bytes too many'],
    ['other lanes', changed(3, 4), ERROR.version, 'a plan for another number of lanes; compile the model again'],
    ['too large', changed(4, -1), ERROR.memory, 'the plan needs more than 2 GiB'],
    ['no arena', changed(4, 0), ERROR.file, 'a step that reaches outside of its memory'],
    ['constants outside', changed(6, 1 << 28), ERROR.file, 'a section that lies outside of the plan'],
    ['unaligned constants', changed(5, 68), ERROR.file, 'a section that lies outside of the plan'],
    ['steps too few', changed(9, 1), ERROR.file, 'words behind the last step'],
    ['steps too many', changed(9, 100), ERROR.file, 'a step that ends too early'],
    ['an unknown step', changed(16, 200), ERROR.file, 'an unknown step'],
    ['a step cut short', changed(17, 3), ERROR.file, 'a step that ends too early'],
  ])('%s is refused', (_name, bytes, code, text) => {
    const core = instantiate();
    expect([load(core, bytes), lastError(core)]).toEqual([code, text]);
  });

  test('does not load beyond the memory limit', () => {
    const core = instantiate();
    const bytes = plan();
    const at = put(core, bytes);
    core.pw_memory_limit(100);
    expect([core.pw_plan_load(at, bytes.length), lastError(core)]).toEqual([
      ERROR.memory,
      'no memory for the tensors of the plan',
    ]);
  });

  test('that points a look-up outside of its axis fails when it runs', () => {
    const b = graphBuilder();
    const x = b.input('x', [1, 3]);
    const at = b.input('at', [1], 'int64');
    const { bytes } = compile(b.build([b.emit('Gather', [x, at], { axis: 1 })]));
    const core = instantiate();
    const handle = load(core, bytes);
    const memory = core.pw_alloc(64);
    const run = (index: number): number => {
      new Float32Array(core.memory.buffer, memory).set([7, 8, 9, index]);
      return core.pw_forward(handle, 1, memory, memory + 32);
    };
    expect([run(2), run(-3), run(3), run(-4), run(NaN)]).toEqual([0, 0, ERROR.index, ERROR.index, ERROR.index]);
    expect(lastError(core)).toBe('an index lies outside of the axis it points into');
  });

  test('with any of its words changed gives an error or a result, and never traps', () => {
    const bytes = plan();
    const words = new Uint32Array(bytes.buffer)[5]! / 4;
    const draw = uniformFrom(2024);
    const pick = (count: number): number => Math.floor(draw() * count);
    let core = instantiate();
    const counts = { ran: 0, refused: 0 };
    for (let i = 0; i < 20_000; i++) {
      if (i % 1000 === 0) core = instantiate();
      core.pw_memory_limit(1 << 20);
      const mutant = bytes.slice();
      const view = new Uint32Array(mutant.buffer);
      for (let changes = 1 + pick(3); changes > 0; changes--) {
        const at = pick(words);
        view[at] = [
          pick(2 ** 32),
          view[at]! ^ (1 << pick(32)),
          view[at]! + pick(9) - 4,
          pick(16),
          2 ** 32 - 1 - pick(4),
        ][pick(5)]!;
      }
      const at = put(core, mutant);
      const handle = core.pw_plan_load(at, mutant.length);
      const memory = core.pw_alloc(100_000);
      const floats = (count: number, size: number): number =>
        Array.from({ length: core.pw_plan_info(handle, count, 0) }, (_, n) =>
          core.pw_plan_info(handle, size, n),
        ).reduce((a, c) => a + c, 0);
      if (handle >= 0 && floats(INFO.inputs, INFO.inputSize) + floats(INFO.outputs, INFO.outputSize) < 1000) {
        core.pw_forward(handle, 8, memory, memory + 32_000);
        runJob(core, handle, memory, i);
        counts.ran++;
      } else {
        expect(handle >= 0 || lastError(core) !== '').toBe(true);
        counts.refused++;
      }
      core.pw_plan_free(handle);
      core.pw_free(memory);
      core.pw_free(at);
    }
    expect(counts.ran).toBeGreaterThan(1000);
    expect(counts.refused).toBeGreaterThan(1000);
  }, 120_000);
});

/** A job on a plan that may be anything, over whatever lies in memory; its size does not matter as long as it fits. */
function runJob(core: Instance, plan: number, memory: number, seed: number): void {
  const job = core.pw_job_new(plan, seed % 3, seed % 2);
  for (let input = 0; input < core.pw_plan_info(plan, INFO.inputs, 0); input++) {
    core.pw_job_input(job, 0, input, memory, input === seed % 3 ? 0 : memory + 8000);
  }
  core.pw_job_begin(job, 0);
  new Uint32Array(core.memory.buffer, memory + 16_000, 10).fill(0);
  core.pw_job_points(job, 10, memory + 16_000, memory + 20_000, memory + 24_000, memory + 28_000);
  while (core.pw_job_step(job, 3) > 0);
  if (core.pw_job_features(job) < 1000) core.pw_job_result(job, 0, 0, memory + 90_000);
  core.pw_job_free(job);
}
