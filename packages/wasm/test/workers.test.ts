import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import { attribute, type AttributionRequest } from '@pathwise/attribution';
import { float32, PathwiseError, sizeOf, type DifferentiableModel } from '@pathwise/model';
import { graphBuilder, graphModel } from '@pathwise/ops';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { loadCore, wasmEngine } from '../src/index.ts';
import { WorkerPool } from '../src/workers/pool.ts';
import { nodePort, type WorkerPort } from '../src/workers/spawn.ts';
import { buildWorkers } from './build-workers.ts';

beforeAll(buildWorkers, 240_000);

const root = resolve(import.meta.dirname, '../../..');

/** A dense network; wide enough that a tile takes some milliseconds. */
function network(width: number, workers: number, maxBytes?: number): DifferentiableModel {
  const b = graphBuilder();
  const draw = uniformFrom(4);
  const weights = (shape: number[]): string =>
    b.constant({ dtype: 'float32', shape, data: Float32Array.from({ length: sizeOf(shape) }, () => draw() - 0.5) });
  let x = b.input('x', [1, 4]);
  for (const [from, to] of [
    [4, width],
    [width, width],
    [width, 2],
  ] as const) {
    x = b.gemm(b.tanh(x), weights([from, to]));
  }
  return graphModel(b.build([x]), wasmEngine, { workers, ...(maxBytes !== undefined && { maxBytes }) });
}

const request = (steps: number): AttributionRequest => ({
  inputs: { x: float32([1, 4], [1, -2, 3, 0.5]) },
  steps,
  target: 0,
});

const nothing = new Float64Array(0);
const task = { paths: [], begin: [], slots: new Uint32Array(0), alphas: nothing, weights: nothing, finish: [] };
const setup = async () => {
  const module = await loadCore();
  return () => ({ module, plan: new Uint8Array(64), maxBytes: 0 });
};
const script = (code: string): URL => new URL(`data:text/javascript,${encodeURIComponent(code)}`);

test('a plan that cannot be made leaves no worker behind', async () => {
  const ended: number[] = [];
  const spawn = async (): Promise<WorkerPort> => {
    const port = await nodePort(
      script("import { parentPort } from 'node:worker_threads'; parentPort.on('message', () => {});"),
    );
    return {
      ...port,
      terminate: () => {
        ended.push(ended.length);
        port.terminate();
      },
    };
  };
  const fail = (): never => {
    throw new PathwiseError('UNSUPPORTED_OP', 'no kernel');
  };
  await expect(WorkerPool.start(2, fail, spawn)).rejects.toMatchObject({
    code: 'UNSUPPORTED_OP',
    message: 'no kernel',
  });
  expect(ended).toEqual([0, 1]);
});

describe('a worker that fails', () => {
  const hear = "import { parentPort } from 'node:worker_threads'; parentPort.on('message', (order) => {";
  test.each([
    ['throws', `${hear} if (order.kind === 'run') throw new Error('out of luck'); });`, 'out of luck'],
    ['exits', `${hear} if (order.kind === 'run') process.exit(3); });`, 'it ended with code 3'],
    ['does not start', 'import "./nowhere.js";', ''],
    ['ends before it is asked', '', 'it ended with code 0'],
  ])('%s: an error, not a hang', async (_name, code, reason) => {
    const pool = await WorkerPool.start(2, await setup(), () => nodePort(script(code)));
    const run = async (): Promise<void> => {
      pool.open(0, 1, {});
      await pool.run({ count: 9, taskOf: () => task, done: () => {}, place: (_, error) => error }, undefined);
    };
    await expect(run()).rejects.toMatchObject({
      code: 'INTERNAL',
      message: expect.stringContaining(`wasm: a worker stopped working: ${reason}`),
    });
    expect(pool.isRunning).toBe(false);
    await expect(run()).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('a host that lets one of two start keeps none', async () => {
    const ports: string[] = [];
    const spawn = (): Promise<never> => {
      ports.push('asked');
      if (ports.length > 1) return Promise.reject(new Error('no more threads'));
      const port = { post() {}, listen() {}, keepAlive() {}, terminate: () => void ports.push('ended') };
      return Promise.resolve(port as never);
    };
    await expect(WorkerPool.start(2, await setup(), spawn)).rejects.toMatchObject({
      code: 'ENGINE_UNAVAILABLE',
      message: expect.stringContaining('no more threads'),
    });
    expect(ports).toEqual(['asked', 'asked', 'ended']);
  });

  test('a plan that a worker refuses is the error of the run', async () => {
    const pool = await WorkerPool.start(1, await setup());
    pool.open(0, 1, {});
    const never = (): never => {
      throw new Error('no result can come');
    };
    await expect(
      pool.run({ count: 1, taskOf: () => task, done: never, place: (_, error) => error }, undefined),
    ).rejects.toMatchObject({ code: 'BAD_FILE', message: expect.stringContaining('PWPL') });
  });
});

describe('cancelling', () => {
  test.each([1, 2])('ends a long run with %i workers, and the next one starts anew', async (workers) => {
    const model = network(512, workers);
    const stop = new AbortController();
    const seen: number[] = [];
    const onProgress = ({ done = 0 }: { done?: number }): void => {
      seen.push(done);
      if (done >= 40) stop.abort();
    };
    const running = attribute(model, 'integrated-gradients', {
      ...request(20_000),
      quadrature: 'midpoint',
      signal: stop.signal,
      onProgress,
    });
    await expect(running).rejects.toMatchObject({ code: 'CANCELLED' });
    // Nothing is heard after it: two workers had at most two tasks of eight points each.
    const heard = seen.length;
    await new Promise((resolve_) => setTimeout(resolve_, 50));
    expect(seen.length).toBe(heard);
    expect(Math.max(...seen)).toBeLessThan(20_000);
    const again = await attribute(model, 'integrated-gradients', request(24));
    const fresh = await attribute(network(512, 1), 'integrated-gradients', request(24));
    expect(again.attributions).toEqual(fresh.attributions);
    model.dispose();
  });

  test('disposing of a model ends a run that is under way', async () => {
    const model = network(512, 2);
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase === 'path') model.dispose();
    };
    await expect(attribute(model, 'integrated-gradients', { ...request(400), onProgress })).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'wasm: the workers were stopped',
    });
  });

  test('an error in a callback ends the run', async () => {
    const model = network(8, 2);
    const onProgress = ({ phase }: { phase: string }): void => {
      if (phase === 'path') throw new Error('the caller fell over');
    };
    await expect(attribute(model, 'integrated-gradients', { ...request(64), onProgress })).rejects.toThrow(
      'the caller fell over',
    );
    model.dispose();
  });
});

// A copy of the plan and its arena takes some 1.2 MB: three of them fit, seven do not.
test('a budget for fewer copies than workers starts fewer; what is computed is the same', async () => {
  const models = [network(512, 7), network(512, 7, 4 * 2 ** 20)];
  const results = [];
  for (const model of models) results.push(await attribute(model, 'integrated-gradients', request(40)));
  expect(results[1]!.attributions).toEqual(results[0]!.attributions);
  for (const model of models) model.dispose();
});

// What Emscripten's start-up code does in Node, onnxruntime-web's with it.
test("Node's threads under the name of Web Workers are not taken for them", async () => {
  const { Worker: Thread } = await import('node:worker_threads');
  vi.stubGlobal('Worker', Thread);
  onTestFinished(() => void vi.unstubAllGlobals());
  const model = network(8, 2);
  const { evaluations } = await attribute(model, 'integrated-gradients', request(32));
  expect(evaluations.gradient).toBe(32);
  model.dispose();
}, 20_000);

// Whoever forgets dispose(): idle workers do not keep the process.
test('a process with idle workers ends by itself', async () => {
  const code = `
    import { explainer } from 'pathwise';
    const explain = await explainer('models/penguins/model.onnx', { engine: 'wasm', workers: 2 });
    const result = await explain([[38.1, 16.5, 198, 3825, 1, 0, 0, 1, 0]], { steps: 64 });
    console.log(result.evaluations.gradient);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', code], {
    cwd: join(root),
    timeout: 60_000,
  });
  expect(stdout.trim()).toBe('64');
});
