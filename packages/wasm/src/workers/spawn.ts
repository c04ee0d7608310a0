import type { Answer, Order } from './messages.ts';

/** A worker as the pool sees it, whatever the host. */
export interface WorkerPort {
  post(order: Order, transfer: ArrayBuffer[]): void;
  /** `onEnd` is called when the worker fails or ends by itself, with the reason. */
  listen(onAnswer: (answer: Answer) => void, onEnd: (reason: string) => void): void;
  /** Whether a process must wait for it. */
  keepAlive(busy: boolean): void;
  terminate(): void;
}

/** Built by tsc; the same file whether this one runs from src or from dist. */
const script = (): URL => new URL('../../dist/workers/worker.js', import.meta.url);

/** Starts a worker of the host: a Web Worker where there are such, else a thread of Node. */
export async function spawnWorker(): Promise<WorkerPort> {
  if (!hasWebWorkers()) return nodePort(script());
  return webPort(new Worker(new URL('../../dist/workers/worker.js', import.meta.url), { type: 'module' }));
}

/** Code compiled by Emscripten makes Node's own threads global under the name of Web Workers, whose events they lack. */
function hasWebWorkers(): boolean {
  return typeof Worker !== 'undefined' && 'addEventListener' in Worker.prototype;
}

function webPort(worker: Worker): WorkerPort {
  return {
    post: (order, transfer) => worker.postMessage(order, transfer),
    listen(onAnswer, onEnd) {
      worker.onmessage = ({ data }: MessageEvent<Answer>) => onAnswer(data);
      worker.onerror = (event) => {
        event.preventDefault();
        onEnd(event.message ?? 'its script could not be loaded');
      };
      worker.onmessageerror = () => onEnd('a message could not be read');
    },
    keepAlive: () => {},
    terminate: () => worker.terminate(),
  };
}

/** The part of worker_threads that is used. */
interface Thread {
  on(event: 'message', listener: (answer: Answer) => void): void;
  on(event: 'error' | 'messageerror', listener: (error: Error) => void): void;
  on(event: 'exit', listener: (code: number) => void): void;
  postMessage(order: Order, transfer: ArrayBuffer[]): void;
  terminate(): Promise<number>;
  ref(): void;
  unref(): void;
}

/** A thread of Node that runs a script. */
export async function nodePort(file: URL): Promise<WorkerPort> {
  // Kept from bundlers for browsers, which know no such module.
  const threads = 'node:worker_threads';
  const { Worker: ThreadWorker } = (await import(/* @vite-ignore */ /* webpackIgnore: true */ threads)) as {
    Worker: new (file: URL, options: { execArgv: string[] }) => Thread;
  };
  // The script is plain JavaScript: flags of this process, such as import conditions, do not concern it.
  const thread = new ThreadWorker(file, { execArgv: [] });
  return {
    post: (order, transfer) => thread.postMessage(order, transfer),
    listen(onAnswer, onEnd) {
      thread.on('message', onAnswer);
      thread.on('error', (error) => onEnd(error.message));
      thread.on('messageerror', (error) => onEnd(error.message));
      thread.on('exit', (code) => onEnd(`it ended with code ${code}`));
    },
    keepAlive: (busy) => (busy ? thread.ref() : thread.unref()),
    terminate: () => void thread.terminate(),
  };
}
