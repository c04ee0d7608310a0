import { PathwiseError, throwIfAborted } from '@pathwise/model';
import { Slots } from '../path/slots.ts';
import type { InputEnds, Task, TaskResult } from '../path/task.ts';
import type { Answer, Order } from './messages.ts';
import { spawnWorker, type WorkerPort } from './spawn.ts';

/** Tasks that a worker has at a time: one that it computes, and one so that it need not wait. */
const TASKS_AHEAD = 2;

/** Tasks beyond the oldest open one that may be begun, a worker: their results wait in memory. */
const WINDOW = 4;

interface Member {
  readonly port: WorkerPort;
  readonly open: Set<number>;
  slots: Slots;
}

/** What a pool is to run. */
export interface Work {
  /** Tasks 0 to count - 1. */
  readonly count: number;
  readonly taskOf: (task: number, slots: Slots) => Task;
  /** Gets the results in any order. */
  readonly done: (task: number, result: TaskResult) => void;
  /** An error of a task, told as the whole work tells it. */
  readonly place: (task: number, error: PathwiseError) => unknown;
  /** Done in this thread beside the tasks, when a worker leaves it time. */
  readonly meanwhile?: (() => Promise<void>) | undefined;
}

/** What a pool runs now. */
interface Run {
  readonly work: Work;
  readonly settle: (error?: unknown) => void;
  readonly finished: Set<number>;
  next: number;
  oldest: number;
  meanwhile: 'to do' | 'begun' | 'done';
}

/** Workers with a plan each, in memories of their own. One run at a time. */
export class WorkerPool {
  #members: Member[];
  #failure: unknown = null;
  #run: Run | null = null;
  #job: { readonly seed: number; readonly lists: number; readonly paths: object } | null = null;

  private constructor(ports: readonly WorkerPort[]) {
    this.#members = ports.map((port) => ({ port, slots: new Slots(), open: new Set() }));
    for (const member of this.#members) {
      member.port.listen(
        (answer) => this.#hear(member, answer),
        (reason) => this.#fail(new PathwiseError('INTERNAL', `wasm: a worker stopped working: ${reason}`)),
      );
      member.port.keepAlive(false);
    }
  }

  /**
   * Starts `count` workers; each gets the module and the plan once. `setup` makes them while the workers start; its plan
   * is handed over.
   * @throws PathwiseError ENGINE_UNAVAILABLE where the host lets none start; what `setup` throws
   */
  static async start(
    count: number,
    setup: () => Omit<Order & { kind: 'start' }, 'kind'>,
    spawn: () => Promise<WorkerPort> = spawnWorker,
  ): Promise<WorkerPool> {
    const started = await Promise.allSettled(Array.from({ length: count }, spawn));
    const ports = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    const refused = started.find((one) => one.status === 'rejected');
    if (refused !== undefined) {
      for (const port of ports) port.terminate();
      const message = `wasm: workers could not be started (${String(refused.reason)}). Leave out workers, or allow them`;
      throw new PathwiseError('ENGINE_UNAVAILABLE', message, {}, { cause: refused.reason });
    }
    const pool = new WorkerPool(ports);
    try {
      const { plan, ...others } = setup();
      for (const port of ports) {
        // A copy each, which is not copied again on its way.
        const own = port === ports.at(-1) ? plan : plan.slice();
        port.post({ kind: 'start', ...others, plan: own }, [own.buffer]);
      }
    } catch (error) {
      pool.stop();
      throw error;
    }
    return pool;
  }

  /** False after a failure, after {@link stop}, and after a run that was cancelled. */
  get isRunning(): boolean {
    return this.#members.length > 0;
  }

  /** Makes the workers ready for a job on `paths`; what they have of the same one is kept. */
  open(seed: number, lists: number, paths: object): void {
    const job = this.#job;
    if (job?.seed === seed && job.lists === lists && job.paths === paths) return;
    this.#job = { seed, lists, paths };
    for (const member of this.#members) {
      member.slots = new Slots();
      member.port.post({ kind: 'open', seed, lists }, []);
    }
  }

  /**
   * Runs tasks. Whatever goes wrong ends all workers.
   * @throws PathwiseError CANCELLED at once when the signal is aborted; what a task threw; INTERNAL if a worker ends
   */
  async run(work: Work, signal: AbortSignal | undefined): Promise<void> {
    throwIfAborted(signal);
    if (!this.isRunning) throw this.#failure ?? new PathwiseError('INTERNAL', 'wasm: the workers were stopped');
    const cancel = (): void => {
      try {
        throwIfAborted(signal);
      } catch (error) {
        this.#fail(error);
      }
    };
    signal?.addEventListener('abort', cancel);
    for (const { port } of this.#members) port.keepAlive(true);
    try {
      await new Promise<void>((resolve, reject) => {
        const settle = (error?: unknown): void => (error === undefined ? resolve() : reject(error as Error));
        this.#run = { work, settle, finished: new Set(), next: 0, oldest: 0, meanwhile: 'to do' };
        this.#feed();
        void this.#turnAside();
      });
    } finally {
      this.#run = null;
      signal?.removeEventListener('abort', cancel);
      for (const { port } of this.#members) port.keepAlive(false);
    }
  }

  /** Ends all workers at once; a run that is under way fails. */
  stop(): void {
    for (const { port } of this.#members) port.terminate();
    this.#members = [];
    this.#run?.settle(this.#failure ?? new PathwiseError('INTERNAL', 'wasm: the workers were stopped'));
  }

  #fail(error: unknown): void {
    if (this.#members.length === 0) return;
    this.#failure = error;
    this.stop();
  }

  /** Gives each worker what it can take, in order. */
  #feed(): void {
    const run = this.#run;
    if (run === null) return;
    const { count, taskOf } = run.work;
    while (run.next < count && run.next < run.oldest + WINDOW * this.#members.length) {
      const member = this.#members.reduce((a, b) => (b.open.size < a.open.size ? b : a));
      if (member.open.size >= TASKS_AHEAD) return;
      const id = run.next++;
      member.open.add(id);
      const { task, transfer } = sendable(taskOf(id, member.slots));
      member.port.post({ kind: 'run', id, task }, transfer);
    }
  }

  /**
   * Does what is to be done beside the tasks: at once where all workers are busy to the end, else when one has nothing
   * left to do, as its core is free then.
   */
  async #turnAside(): Promise<void> {
    const run = this.#run;
    if (run?.meanwhile !== 'to do') return;
    const { count, meanwhile } = run.work;
    const isEven = count % this.#members.length === 0;
    if (!isEven && (run.next < count || this.#members.every(({ open }) => open.size > 0))) return;
    run.meanwhile = 'begun';
    try {
      await meanwhile?.();
      run.meanwhile = 'done';
      this.#settle(run);
    } catch (error) {
      // A later run is not concerned.
      if (this.#run === run) this.#fail(error);
    }
  }

  #settle(run: Run): void {
    if (run.oldest === run.work.count && run.meanwhile === 'done') run.settle();
  }

  #hear(member: Member, answer: Answer): void {
    const run = this.#run;
    try {
      if (answer.kind === 'failed') {
        const error = new PathwiseError(answer.code, answer.message, answer.place);
        throw run === null || answer.id < 0 ? error : run.work.place(answer.id, error);
      }
      if (run === null) return;
      member.open.delete(answer.id);
      run.work.done(answer.id, answer.result);
      run.finished.add(answer.id);
      while (run.finished.delete(run.oldest)) run.oldest++;
      this.#feed();
      void this.#turnAside();
      this.#settle(run);
    } catch (error) {
      this.#fail(error);
    }
  }
}

/** Arrays of their own, which can be handed over. */
function sendable(task: Task): { task: Task; transfer: ArrayBuffer[] } {
  const transfer: ArrayBuffer[] = [];
  const own = (values: Float64Array): Float64Array => {
    const copy = values.slice();
    transfer.push(copy.buffer);
    return copy;
  };
  const paths = task.paths.map(({ slot, inputs }) => ({
    slot,
    inputs: inputs.map(({ from, to }): InputEnds => ({ from: own(from), to: to === null ? null : own(to) })),
  }));
  return { task: { ...task, paths }, transfer };
}
