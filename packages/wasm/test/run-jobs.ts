import { INFO, put, type Instance } from './instance.ts';
import type { NativeCase } from './native.ts';

const POINTS = 19;

/** Slices of five points, which end inside blocks and tiles. */
const SLICE = 5;

/**
 * What `cases jobs` writes for a case (native/test/cases.c), from the wasm build: gradients and F of the points of two
 * paths, then F and two weighted sums of each. null where no input takes the weights of F, or something is not finite.
 */
export function runJobs(core: Instance, { plan, rows, inputs }: NativeCase): Uint8Array | null {
  const at = put(core, plan);
  const handle = core.pw_plan_load(at, plan.length);
  const info = (what: number, index = 0): number => core.pw_plan_info(handle, what, index);
  const sizes = Array.from({ length: info(INFO.inputs) }, (_, i) => info(INFO.inputSize, i));
  const seed = sizes.lastIndexOf(info(INFO.outputSize));
  const parts: Uint8Array[] = [];
  let isFinite = seed >= 0;
  for (const lists of [0, 2]) isFinite &&= run(lists);
  core.pw_plan_free(handle);
  core.pw_free(at);
  return isFinite ? new Uint8Array(Buffer.concat(parts)) : null;

  function run(lists: number): boolean {
    const job = core.pw_job_new(handle, seed, lists);
    for (const path of [0, 1]) {
      let before = 0;
      for (const [i, size] of sizes.entries()) {
        const row = (r: number): number =>
          put(core, bytesOf(Float64Array.from(inputs.subarray(before + r * size, before + (r + 1) * size))));
        const [from, to] = [row(path), row(path + 1)];
        core.pw_job_input(job, path, i, from, i === seed || (path === 1 && i === 0) ? 0 : to);
        for (const memory of [from, to]) core.pw_free(memory);
        before += rows * size;
      }
      core.pw_job_begin(job, path);
    }
    const numbers = Array.from({ length: POINTS }, (_, k) => k);
    const slots = put(core, bytesOf(Uint32Array.from(numbers, (k) => (k < 11 ? 0 : 1))));
    const alphas = put(core, bytesOf(Float64Array.from(numbers, (k) => (k % 11) / 10)));
    const weights = put(
      core,
      bytesOf(Float64Array.from([...numbers.map((k) => 0.25 + k), ...numbers.map((k) => (k % 3) - 1)])),
    );
    const values = core.pw_alloc(8 * POINTS);
    const features = core.pw_job_features(job);
    core.pw_job_points(job, POINTS, slots, alphas, weights, values);
    let left = POINTS;
    while (left > 0) {
      const next = core.pw_job_step(job, SLICE);
      if (next < 0) break;
      if (lists === 0) parts.push(copied(core, core.pw_job_vectors(job), 4 * features * (left - next)));
      left = next;
    }
    parts.push(copied(core, values, 8 * POINTS));
    const sum = core.pw_alloc(8 * features);
    for (let s = 0; s < 2 * lists && left === 0; s++) {
      core.pw_job_result(job, Math.floor(s / lists), s % lists, sum);
      parts.push(copied(core, sum, 8 * features));
    }
    for (const memory of [slots, alphas, weights, values, sum]) core.pw_free(memory);
    core.pw_job_free(job);
    return left === 0;
  }
}

function copied(core: Instance, at: number, bytes: number): Uint8Array {
  return new Uint8Array(core.memory.buffer, at, bytes).slice();
}

function bytesOf(array: Uint32Array | Float64Array): Uint8Array {
  return new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
}
