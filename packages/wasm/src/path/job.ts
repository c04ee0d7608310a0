import { PathwiseError } from '@pathwise/model';
import { LANES } from '../compile/plan-file.ts';
import { STATUS, type Core } from '../core.ts';
import type { SlotPath, Task, TaskResult } from './task.ts';

/** A job of the core: a gradient plan with up to eight paths that points lie on (native/pathwise.h). */
export class Job {
  readonly lists: number;
  readonly #core: Core;
  readonly #handle: number;
  readonly #features: number;
  /** Room for a tile: alphas, F and weights as float64, then slots. */
  readonly #tileAt: number;

  /** @throws PathwiseError BUDGET */
  constructor(core: Core, plan: number, seed: number, lists: number) {
    this.#core = core;
    this.lists = lists;
    this.#handle = core.check(core.exports.pw_job_new(plan, seed, lists));
    this.#features = core.check(core.exports.pw_job_features(this.#handle));
    this.#tileAt = core.allocate(8 * LANES * (2 + lists) + 4 * LANES);
  }

  /**
   * Evaluates the points of a task. Gradients are a view on the core's memory, valid until it is called again.
   * @throws PathwiseError NON_FINITE with the index of the point within the task as `place.row`; BUDGET
   */
  run({ paths, begin, slots, alphas, weights, finish }: Task): TaskResult {
    const core = this.#core;
    for (const path of paths) this.#setPath(path);
    for (const slot of begin) core.check(core.exports.pw_job_begin(this.#handle, slot));
    const count = slots.length;
    const at = this.#tileAt;
    const [valuesAt, weightsAt] = [at + 8 * LANES, at + 16 * LANES];
    const slotsAt = weightsAt + 8 * LANES * this.lists;
    core.doubles(at, count).set(alphas);
    core.doubles(weightsAt, count * this.lists).set(weights);
    core.words(slotsAt, count).set(slots);
    core.check(core.exports.pw_job_points(this.#handle, count, slotsAt, at, weightsAt, valuesAt));
    const status = core.exports.pw_job_step(this.#handle, count);
    if (status === STATUS.notFinite) {
      const row = core.exports.pw_job_bad_point(this.#handle);
      throw new PathwiseError('NON_FINITE', `wasm: ${core.lastError()}`, { row });
    }
    core.check(status);
    return {
      values: core.doubles(valuesAt, count).slice(),
      vectors:
        this.lists > 0
          ? new Float32Array(0)
          : core.floats(core.exports.pw_job_vectors(this.#handle), count * this.#features),
      sums: finish.map((slot) => Array.from({ length: this.lists }, (_, list) => this.#sum(slot, list))),
    };
  }

  free(): void {
    this.#core.exports.pw_job_free(this.#handle);
    this.#core.free(this.#tileAt);
  }

  #setPath({ slot, inputs }: SlotPath): void {
    const core = this.#core;
    for (const [input, { from, to }] of inputs.entries()) {
      const at = core.allocate(16 * from.length);
      try {
        core.doubles(at, from.length).set(from);
        const toAt = to === null ? 0 : at + 8 * from.length;
        if (to !== null) core.doubles(toAt, to.length).set(to);
        core.check(core.exports.pw_job_input(this.#handle, slot, input, at, toAt));
      } finally {
        core.free(at);
      }
    }
  }

  #sum(slot: number, list: number): Float64Array {
    const core = this.#core;
    const at = core.allocate(8 * this.#features);
    try {
      core.check(core.exports.pw_job_result(this.#handle, slot, list, at));
      return core.doubles(at, this.#features).slice();
    } finally {
      core.free(at);
    }
  }
}
