// A worker: one instance of the core with one plan, which runs the tasks it is sent. Starts in Node (worker_threads)
// and wherever there are Web Workers.
import { PathwiseError } from '@pathwise/model';
import { Core } from '../core.ts';
import { Job } from '../path/job.ts';
import type { Answer, Order } from './messages.ts';

type Send = (answer: Answer, transfer: ArrayBuffer[]) => void;

/** The two sides of the thread, as Node gives them. */
interface ParentPort {
  on(event: 'message', listener: (order: Order) => void): void;
  postMessage(answer: Answer, transfer: ArrayBuffer[]): void;
}

/** The scope of a Web Worker. */
interface Scope {
  onmessage: ((event: { readonly data: Order }) => void) | null;
  postMessage(answer: Answer, transfer: ArrayBuffer[]): void;
}

let core: Core | undefined;
let plan = -1;
let job: Job | undefined;

function obey(order: Order, send: Send): void {
  try {
    switch (order.kind) {
      case 'start':
        core = new Core(order.module, order.maxBytes);
        plan = core.loadPlan(order.plan);
        return;
      case 'open':
        job?.free();
        job = new Job(core as Core, plan, order.seed, order.lists);
        return;
      case 'run': {
        const { values, vectors, sums } = (job as Job).run(order.task);
        // Gradients are a view on the core's memory.
        const result = { values, vectors: vectors.slice(), sums };
        const arrays = [result.values, result.vectors, ...sums.flat()];
        send(
          { kind: 'done', id: order.id, result },
          arrays.map(({ buffer }) => buffer as ArrayBuffer),
        );
      }
    }
  } catch (error) {
    const { code, message, place } =
      error instanceof PathwiseError ? error : new PathwiseError('INTERNAL', `wasm worker: ${String(error)}`);
    send({ kind: 'failed', id: order.kind === 'run' ? order.id : -1, code, message, place }, []);
  }
}

if (typeof globalThis.postMessage === 'function') {
  const scope = globalThis as unknown as Scope;
  scope.onmessage = ({ data }) => obey(data, (answer, transfer) => scope.postMessage(answer, transfer));
} else {
  // Kept from bundlers for browsers, which know no such module.
  const threads = 'node:worker_threads';
  void import(/* @vite-ignore */ /* webpackIgnore: true */ threads).then(({ parentPort }: { parentPort: ParentPort }) =>
    parentPort.on('message', (order) => obey(order, (answer, transfer) => parentPort.postMessage(answer, transfer))),
  );
}
