import { beforeAll, describe, expect, test } from 'vitest';
import { differentiate } from '@pathwise/graph';
import { ops } from '@pathwise/ops';
import { compile } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';
import { ERROR, instantiate, lastError, put, type Instance } from './instance.ts';

beforeAll(ensureCore, 120_000);

const doubles = (...values: number[]): Uint8Array => new Uint8Array(Float64Array.from(values).buffer);
const words = (...values: number[]): Uint8Array => new Uint8Array(Uint32Array.from(values).buffer);

/** F = w . (x0^2, x1^3, 1 / x2) and its gradient; input 0 is x, input 1 takes w. */
function cubes(): { core: Instance; plan: number } {
  const b = ops.builder();
  const x = b.input('x', [1, 3]);
  const one = (i: number): string => b.emit('Slice', [x, b.ints([i]), b.ints([i + 1]), b.ints([1])], {});
  const [p, q, r] = [one(0), one(1), one(2)];
  const y = b.concat([b.mul(p, p), b.mul(q, b.mul(q, q)), b.div(1, r)], 1);
  const { graph, seeds, gradients } = differentiate(b.build([y]), { targets: [y], wrt: [x], ops });
  const { bytes } = compile({ ...graph, inputs: [x, seeds.get(y)!], outputs: [y, gradients.get(x)!] });
  const core = instantiate();
  return { core, plan: core.pw_plan_load(put(core, bytes), bytes.length) };
}

/** A job whose slot 0 holds the path from (0, 0, 1) to (2, 1, 4) with weights (1, 1, 1). */
function jobOn({ core, plan }: { core: Instance; plan: number }, lists: number): number {
  const job = core.pw_job_new(plan, 1, lists);
  expect(core.pw_job_input(job, 0, 0, put(core, doubles(0, 0, 1)), put(core, doubles(2, 1, 4)))).toBe(0);
  expect(core.pw_job_input(job, 0, 1, put(core, doubles(1, 1, 1)), 0)).toBe(0);
  expect(core.pw_job_begin(job, 0)).toBe(0);
  return job;
}

/** Sums over points k / (count - 1) with weight 1 / count, in slices of some points. */
function integrate(core: Instance, job: number, count: number, slice: number): { sum: number[]; values: number[] } {
  const numbers = Array.from({ length: count }, (_, k) => k);
  const values = core.pw_alloc(8 * count);
  const [slots, alphas] = [words(...numbers.map(() => 0)), doubles(...numbers.map((k) => k / (count - 1)))];
  const [slotsAt, alphasAt] = [put(core, slots), put(core, alphas)];
  const weightsAt = put(core, doubles(...numbers.map(() => 1 / count)));
  expect(core.pw_job_points(job, count, slotsAt, alphasAt, weightsAt, values)).toBe(0);
  for (let left = count; left > 0;) {
    const next = core.pw_job_step(job, slice);
    expect(next).toBe(Math.max(0, left - slice));
    left = next;
  }
  const sum = core.pw_alloc(24);
  expect(core.pw_job_result(job, 0, 0, sum)).toBe(0);
  const result = {
    sum: [...new Float64Array(core.memory.buffer, sum, 3)],
    values: [...new Float64Array(core.memory.buffer, values, count)],
  };
  for (const memory of [slotsAt, alphasAt, weightsAt, values, sum]) core.pw_free(memory);
  return result;
}

describe('a job', () => {
  // Closed form: mean of 2 x0, 3 x1^2, -1 / x2^2 at x = (2 a, a, 1 + 3 a); float32 arithmetic, float64 sums.
  test('sums gradients and returns F', () => {
    const made = cubes();
    const { sum, values } = integrate(made.core, jobOn(made, 1), 101, 1000);
    const alphas = Array.from({ length: 101 }, (_, k) => k / 100);
    const mean = (f: (a: number) => number): number => alphas.reduce((total, a) => total + f(a) / 101, 0);
    expect(sum).toBeClose([mean((a) => 4 * a), mean((a) => 3 * a * a), mean((a) => -1 / (1 + 3 * a) ** 2)], {
      rtol: 1e-6,
    });
    expect(values).toBeClose(
      alphas.map((a) => 4 * a * a + a ** 3 + 1 / (1 + 3 * a)),
      { rtol: 1e-6 },
    );
  });

  test('gives the same bits for any slices', () => {
    const made = cubes();
    const whole = integrate(made.core, jobOn(made, 1), 43, 43);
    for (const slice of [1, 3, 7, 8, 9, 16]) expect(integrate(made.core, jobOn(made, 1), 43, slice)).toEqual(whole);
  });

  test('takes no more memory for 2000 points than for 48', () => {
    const made = cubes();
    const job = jobOn(made, 1);
    const bytes = [6, 244].map((times) => {
      for (let i = 0; i < times; i++) integrate(made.core, job, 8, 8);
      return made.core.memory.buffer.byteLength;
    });
    expect(bytes[1]).toBe(bytes[0]);
  });

  test('without lists returns the gradients of a tile, and F', () => {
    const made = cubes();
    const { core } = made;
    const job = jobOn(made, 0);
    const values = core.pw_alloc(16);
    core.pw_job_points(job, 2, put(core, words(0, 0)), put(core, doubles(0, 1)), 0, values);
    expect(core.pw_job_step(job, 100)).toBe(0);
    expect([...new Float32Array(core.memory.buffer, core.pw_job_vectors(job), 6)]).toEqual([0, 0, -1, 4, 3, -0.0625]);
    expect([...new Float64Array(core.memory.buffer, values, 2)]).toEqual([1, 5.25]);
    expect(core.pw_job_features(job)).toBe(3);
  });

  // 1 / x2 is infinite where x2 = 0, which the third point is.
  test.each([0, 1])('names the point that is not finite, with %i lists', (lists) => {
    const made = cubes();
    const { core } = made;
    const job = jobOn(made, lists);
    const path = put(core, doubles(1, 1, -1));
    core.pw_job_input(job, 0, 0, path, put(core, doubles(1, 1, 1)));
    core.pw_job_begin(job, 0);
    const alphas = put(core, doubles(0, 1, 0.5));
    core.pw_job_points(job, 3, put(core, words(0, 0, 0)), alphas, put(core, doubles(1, 1, 1)), core.pw_alloc(24));
    expect([core.pw_job_step(job, 8), core.pw_job_bad_point(job)]).toEqual([ERROR.notFinite, 2]);
    expect(lastError(core)).toBe('F or its gradient is not finite at a point of the path');
    expect(core.pw_job_step(job, 8)).toBe(0);
  });

  test('ends with its plan', () => {
    const made = cubes();
    const job = jobOn(made, 1);
    made.core.pw_plan_free(made.plan);
    expect([made.core.pw_job_step(job, 1), lastError(made.core)]).toEqual([ERROR.argument, 'no such job']);
  });

  test('stays within the memory limit', () => {
    const made = cubes();
    made.core.pw_memory_limit(1);
    expect([made.core.pw_job_new(made.plan, 1, 1), lastError(made.core)]).toEqual([
      ERROR.memory,
      'no memory for a job',
    ]);
  });
});

type Call = (core: Instance, job: number, plan: number, at: number) => number;

test.each([
  ['no plan', (core) => core.pw_job_new(9, 0, 0), 'no such plan'],
  ['no such seed', (core, _, plan) => core.pw_job_new(plan, 2, 0), 'no such input, or too many lists'],
  ['too many lists', (core, _, plan) => core.pw_job_new(plan, 1, 0x10000), 'no such input, or too many lists'],
  ['no job', (core) => core.pw_job_step(5, 1), 'no such job'],
  ['a ninth slot', (core, job, _, at) => core.pw_job_input(job, 8, 0, at, 0), 'no such path or input'],
  ['a third input', (core, job, _, at) => core.pw_job_input(job, 0, 2, at, 0), 'no such path or input'],
  ['no values', (core, job) => core.pw_job_input(job, 0, 0, 0, 0), 'no such path or input'],
  ['a path without inputs', (core, job) => core.pw_job_begin(job, 1), 'a path begins before all its inputs are given'],
  [
    'a point elsewhere',
    (core, job, _, at) => core.pw_job_points(job, 1, put(core, words(1)), at, at, at),
    'a point on a path that has not begun',
  ],
  [
    'no alphas',
    (core, job, _, at) => core.pw_job_points(job, 1, at, 0, at, at),
    'points without slots, alphas, weights or room for F',
  ],
  ['a second list', (core, job, _, at) => core.pw_job_result(job, 0, 1, at), 'no such path or list'],
  ['the sum of nothing', (core, job, _, at) => core.pw_job_result(job, 3, 0, at), 'no such path or list'],
] satisfies [string, Call, string][])('%s is refused', (_name, call, text) => {
  const made = cubes();
  const job = jobOn(made, 1);
  expect([call(made.core, job, made.plan, made.core.pw_alloc(64)), lastError(made.core)]).toEqual([
    ERROR.argument,
    text,
  ]);
});

test('no more than sixteen jobs at a time', () => {
  const { core, plan } = cubes();
  const jobs = Array.from({ length: 17 }, () => core.pw_job_new(plan, 1, 1));
  expect([jobs.at(-1), lastError(core)]).toEqual([ERROR.memory, 'too many jobs; free one']);
  core.pw_job_free(jobs[3]!);
  expect(core.pw_job_new(plan, 1, 1)).toBe(jobs[3]);
});
