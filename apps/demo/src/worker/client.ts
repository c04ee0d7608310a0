import type { CallName, Calls, Failure, FromWorker, ToWorker } from './protocol.ts';

/** What the worker could not do. */
export class WorkerFailure extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super(failure.message);
    this.failure = failure;
  }
}

interface Waiting {
  resolve(value: unknown): void;
  reject(error: Error): void;
  part(value: unknown): void;
}

export interface CallOptions<K extends CallName> {
  readonly signal?: AbortSignal;
  readonly onPart?: (part: Calls[K]['partly']) => void;
  readonly transfer?: readonly Transferable[];
}

/** The worker as seen from the page. When it dies, all calls fail and the next one starts it again. */
export class WorkerClient {
  #worker: Worker | null = null;
  #next = 1;
  readonly #waiting = new Map<number, Waiting>();
  /** Called when the worker died and its files and models are gone. */
  onCrash: (() => void) | null = null;

  /** Loads the worker before the first call needs it. */
  start(): void {
    this.#running();
  }

  call<K extends CallName>(
    call: K,
    given: Calls[K]['given'],
    { signal, onPart, transfer = [] }: CallOptions<K> = {},
  ): Promise<Calls[K]['gives']> {
    const id = this.#next++;
    const worker = this.#running();
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(cancelled());
        return;
      }
      signal?.addEventListener(
        'abort',
        () => {
          if (!this.#waiting.delete(id)) return;
          worker.postMessage({ cancel: id } satisfies ToWorker);
          reject(cancelled());
        },
        { once: true },
      );
      this.#waiting.set(id, {
        resolve: resolve as (value: unknown) => void,
        reject,
        part: (part) => onPart?.(part as Calls[K]['partly']),
      });
      worker.postMessage({ id, call, given } as ToWorker, [...transfer]);
    });
  }

  #running(): Worker {
    if (this.#worker !== null) return this.#worker;
    const worker = new Worker(new URL('./main.ts', import.meta.url), { type: 'module', name: 'pathwise' });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#take(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#crashed(event.message);
    };
    this.#worker = worker;
    return worker;
  }

  #take(message: FromWorker): void {
    const waiting = this.#waiting.get(message.id);
    if (waiting === undefined) return;
    if ('part' in message) {
      waiting.part(message.part);
      return;
    }
    this.#waiting.delete(message.id);
    if ('done' in message) waiting.resolve(message.done);
    else waiting.reject(new WorkerFailure(message.failed));
  }

  #crashed(why: string): void {
    this.#worker?.terminate();
    this.#worker = null;
    const message = `The computation stopped unexpectedly${why === '' ? '' : ` (${why})`}. It was started again.`;
    for (const { reject } of this.#waiting.values()) {
      reject(new WorkerFailure({ code: 'INTERNAL', message, node: null, op: null }));
    }
    this.#waiting.clear();
    this.onCrash?.();
  }
}

function cancelled(): WorkerFailure {
  return new WorkerFailure({ code: 'CANCELLED', message: 'cancelled', node: null, op: null });
}
