import { beforeAll, expect, test } from 'vitest';
import { attribute } from '@pathwise/attribution';
import { float32 } from '@pathwise/model';
import { graphBuilder, graphModel } from '@pathwise/ops';
import { loadCore, wasmEngine } from '../src/index.ts';
import type { TaskResult } from '../src/path/task.ts';
import type { Answer, Order } from '../src/workers/messages.ts';
import { WorkerPool } from '../src/workers/pool.ts';
import { buildWorkers } from './build-workers.ts';

beforeAll(buildWorkers, 240_000);

const nothing = new Float64Array(0);
const task = { paths: [], begin: [], slots: new Uint32Array(0), alphas: nothing, weights: nothing, finish: [] };
const result: TaskResult = { values: nothing, vectors: new Float32Array(0), sums: [] };

/** Two workers that answer when they are told to; `taken[k]` are the tasks of worker k. */
async function puppets() {
  const module = await loadCore();
  const listeners: ((answer: Answer) => void)[] = [];
  const taken: number[][] = [];
  let ended = 0;
  const spawn = async () => {
    const own: number[] = [];
    taken.push(own);
    return {
      post: (order: Order): void => void (order.kind === 'run' && own.push(order.id)),
      listen: (onAnswer: (answer: Answer) => void): void => void listeners.push(onAnswer),
      keepAlive: (): void => {},
      terminate: (): void => void ended++,
    };
  };
  const pool = await WorkerPool.start(2, () => ({ module, plan: new Uint8Array(64), maxBytes: 0 }), spawn);
  const answer = (worker: number): void => {
    listeners[worker]!({ kind: 'done', id: taken[worker]!.shift()!, result });
  };
  return { pool, taken, answer, endedWorkers: () => ended };
}

function startOf(pool: WorkerPool, count: number, other: () => Promise<void>) {
  const seen = { begun: 0, settled: false };
  const meanwhile = (): Promise<void> => {
    seen.begun++;
    return other();
  };
  const run = pool.run({ count, taskOf: () => task, done: () => {}, place: (_, error) => error, meanwhile }, undefined);
  const end = run.finally(() => (seen.settled = true));
  return { seen, end };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('tasks that do not come out even: other work begins when a worker has none left, and is waited for', async () => {
  const { pool, taken, answer } = await puppets();
  let finish = (): void => {};
  const { seen, end } = startOf(pool, 5, () => new Promise<void>((resolve) => (finish = resolve)));
  expect(taken).toEqual([
    [0, 2],
    [1, 3],
  ]);
  answer(0);
  expect(taken).toEqual([
    [2, 4],
    [1, 3],
  ]);
  answer(1);
  expect(seen.begun).toBe(0);
  answer(1);
  expect(seen.begun).toBe(1);
  answer(0);
  answer(0);
  await turn();
  expect(seen).toEqual({ begun: 1, settled: false });
  finish();
  await end;
});

test.each([
  [4, 'all workers are busy to the end'],
  [1, 'a worker has nothing to do'],
])('%i tasks for two workers: at once, since %s', async (count) => {
  const { pool, taken, answer } = await puppets();
  const { seen, end } = startOf(pool, count, () => Promise.resolve());
  expect(seen.begun).toBe(1);
  for (const worker of [0, 1]) while (taken[worker]!.length > 0) answer(worker);
  await end;
  expect(seen.begun).toBe(1);
});

test('other work that fails is the error of the run, and ends the workers', async () => {
  const { pool, endedWorkers } = await puppets();
  const { end } = startOf(pool, 4, () => Promise.reject(new Error('no end is known')));
  await expect(end).rejects.toThrow('no end is known');
  expect(endedWorkers()).toBe(2);
  expect(pool.isRunning).toBe(false);
});

// ln is -Infinity at the baseline 0; from 1 to 4 it rises by ln 4.
test.each([1, 2])('F(x’) that is infinite is found with %i workers, and the model goes on', async (workers) => {
  const b = graphBuilder();
  const model = graphModel(b.build([b.emit('Log', [b.input('x', [1, 1])])]), wasmEngine, { workers });
  const request = { inputs: { x: float32([1, 1], [4]) }, target: 0, steps: 24, quadrature: 'midpoint' } as const;
  let points = 0;
  const onProgress = (): void => void points++;
  await expect(attribute(model, 'integrated-gradients', { ...request, onProgress })).rejects.toMatchObject({
    code: 'NON_FINITE',
    place: { alpha: 0 },
  });
  // One thread evaluates the ends first.
  if (workers === 1) expect(points).toBe(0);
  const { outputAtInput, outputAtBaseline, evaluations } = await attribute(model, 'integrated-gradients', {
    ...request,
    baseline: 1,
  });
  expect(outputAtInput).toBeClose([Math.log(4)], { rtol: 1e-6 });
  expect(outputAtBaseline).toEqual([0]);
  expect(evaluations).toEqual({ forward: 2, gradient: 24 });
  model.dispose();
});
