import type { PathJob, PathSums } from '@pathwise/model';
import { LANES } from '../compile/plan-file.ts';
import type { Core } from '../core.ts';
import type { WorkerPool } from '../workers/pool.ts';
import { integrateInOrder } from './in-order.ts';
import { integrateInWorkers } from './in-workers.ts';
import { Job } from './job.ts';
import { Slots } from './slots.ts';
import type { EndsOf } from './task-of.ts';

/** What a session needs of the executable whose plan it runs. */
export interface SessionHost {
  /** The core of this thread with the plan, and the handle of the plan in it. */
  plan(): { readonly core: Core; readonly handle: number };
  /** Workers with the plan, or null where one thread is enough, or memory for one. */
  startWorkers(): Promise<WorkerPool | null>;
  /** Before each tile in this thread: lets others be heard. */
  pause(signal: AbortSignal | undefined): Promise<void>;
}

/** The path jobs of one plan, one after the other, in this thread or in workers. */
export class PathSession {
  readonly #host: SessionHost;
  #last: Promise<unknown> = Promise.resolve();
  #here: { readonly job: Job; readonly slots: Slots; readonly paths: object } | null = null;
  #pool: WorkerPool | null = null;

  constructor(host: SessionHost) {
    this.#host = host;
  }

  /** Jobs that are asked for at the same time wait for each other: they share slots. */
  integrate(job: PathJob, seed: number, endsOf: EndsOf, signal: AbortSignal | undefined): Promise<PathSums> {
    const mine = this.#last.then(() => this.#integrate(job, seed, endsOf, signal));
    this.#last = mine.catch(() => {});
    return mine;
  }

  dispose(): void {
    this.#pool?.stop();
    this.#pool = null;
    this.#here = null;
  }

  async #integrate(job: PathJob, seed: number, endsOf: EndsOf, signal: AbortSignal | undefined): Promise<PathSums> {
    const lists = job.weights?.length ?? 0;
    // One tile is computed in one place.
    const pool = job.points.length > LANES ? await this.#workers() : null;
    if (pool !== null) {
      pool.open(seed, lists, job.paths);
      return integrateInWorkers(job, pool, endsOf, signal);
    }
    const here = this.#open(seed, lists, job.paths);
    try {
      return await integrateInOrder(job, here.job, here.slots, endsOf, () => this.#host.pause(signal));
    } catch (error) {
      // What the slots hold is no longer known.
      here.job.free();
      this.#here = null;
      throw error;
    }
  }

  async #workers(): Promise<WorkerPool | null> {
    if (this.#pool?.isRunning !== true) this.#pool = await this.#host.startWorkers();
    return this.#pool;
  }

  #open(seed: number, lists: number, paths: object): { readonly job: Job; readonly slots: Slots } {
    if (this.#here?.paths === paths && this.#here.job.lists === lists) return this.#here;
    this.#here?.job.free();
    this.#here = null;
    const { core, handle } = this.#host.plan();
    this.#here = { job: new Job(core, handle, seed, lists), slots: new Slots(), paths };
    return this.#here;
  }
}
