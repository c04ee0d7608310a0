import { toFloat64 } from '@pathwise/model';
import type { PlanTarget } from '@pathwise/wasm/edge';
import { compilePlan } from 'pathwise';
import { sceneOf } from './explain.ts';
import { readFile } from './files.ts';
import { inputOf } from './inputs.ts';
import { openModel, WORKERS, type OpenModel } from './models.ts';
import type { Benchmark, EdgeFacts, FileOut, Question } from './protocol.ts';
import { baselineOf, targetOf } from './request.ts';

/** Modules of one function: `i8x16.splat`, and `i8x16.relaxed_swizzle`. Source: WebAssembly core specification, 5.4.9. */
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11];
const RELAXED = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15,
  253, 128, 2, 11,
];

/** What this browser has of that which fast computing needs. */
export async function edgeFacts(coreUrl: URL): Promise<EdgeFacts> {
  const { hardwareConcurrency } = navigator;
  const core = await readFile(coreUrl.href);
  const yes = (has: boolean): string => (has ? 'yes' : 'no');
  const has = (bytes: readonly number[]): boolean => WebAssembly.validate(Uint8Array.from(bytes));
  return {
    coreBytes: core.length,
    features: [
      ['SIMD (128 bits)', yes(has(SIMD)), 'the core needs it'],
      ['Relaxed SIMD', yes(has(RELAXED)), 'not used: its results differ between browsers'],
      [
        'Workers',
        yes(typeof Worker === 'function'),
        'all computing is done in one, which gets helpers for models of your own',
      ],
      ['Logical processors', String(hardwareConcurrency), `as the browser says; ${WORKERS} compute models of your own`],
      ['Shared memory', yes(typeof SharedArrayBuffer === 'function'), 'not needed: workers have memories of their own'],
      ['Cross-origin isolation', yes(crossOriginIsolated), 'not needed'],
      ['WebGPU', yes('gpu' in navigator), 'not used by this page'],
    ],
  };
}

const POINTS = 50;
const RUNS = 3;

/** Integrated gradients with a fixed number of points on each engine; of several runs the fastest. */
export async function benchmark(
  question: Question,
  signal: AbortSignal,
  onPart: (results: readonly Benchmark[]) => void,
): Promise<readonly Benchmark[]> {
  const results: Benchmark[] = [];
  for (const engine of ['wasm', 'reference'] as const) {
    const { scene } = await sceneOf({ ...question, engine }, signal);
    if (scene.model.engine !== engine) continue;
    const request = {
      target: targetOf(question.target),
      baseline: await baselineOf(question.baseline, scene.model, scene.row),
      steps: POINTS,
      signal,
    };
    let fastest = Infinity;
    for (let run = 0; run < (engine === 'wasm' ? RUNS : 1); run++) {
      const started = performance.now();
      await scene.model.explain(scene.row.prepared, request);
      fastest = Math.min(fastest, performance.now() - started);
    }
    results.push({ engine, points: POINTS, milliseconds: fastest });
    onPart([...results]);
  }
  return results;
}

/** What a host without this page needs. */
export async function bundle(file: 'core' | 'plan' | 'worker', question: Question, coreUrl: URL): Promise<FileOut> {
  switch (file) {
    case 'core':
      return binary('core.wasm', 'application/wasm', await readFile(coreUrl.href));
    case 'plan':
      return binary('model.plan', 'application/octet-stream', await planOf(question));
    case 'worker':
      return { name: 'worker.js', type: 'text/javascript', content: await workerCode(question) };
  }
}

function binary(name: string, type: string, bytes: Uint8Array): FileOut {
  return { name, type, content: new Uint8Array(bytes) };
}

/** The file that `pathwise compile` would write. */
async function planOf({ model, engine }: Question): Promise<Uint8Array> {
  const { explain, preprocessing } = await openModel(model, engine);
  return compilePlan(explain, preprocessing === null ? {} : { preprocess: preprocessing });
}

const FEW_NUMBERS = 64;

/** A worker that answers what is asked here, from the same baseline. */
async function workerCode(question: Question): Promise<string> {
  const model = await openModel(question.model, question.engine);
  const target = targetOf(question.target) as PlanTarget;
  const options = { target, steps: question.steps > 0 ? question.steps : 50, ...(await baselineFor(model, question)) };
  return `// Cloudflare Workers and alike; core.wasm comes with the package.
// POST the input as one JSON list of numbers.
import { openPlan } from '@pathwise/wasm/edge';
import file from './model.plan';

const plan = openPlan(file);
const options = ${JSON.stringify(options)};

export default {
  async fetch(request) {
    try {
      const { attributions, ...others } = await (await plan).attribute(await request.json(), options);
      const lists = Object.entries(attributions).map(([name, { data }]) => [name, [...data]]);
      return Response.json({ attributions: Object.fromEntries(lists), ...others });
    } catch (error) {
      return Response.json({ error: error.message }, { status: 400 });
    }
  },
};
`;
}

/** A baseline that can be written down: one number, or few. Others are zeros there. */
async function baselineFor(model: OpenModel, { baseline, input, row }: Question): Promise<{ baseline?: unknown }> {
  // Without an input the model is still worth a worker.
  const chosen = await inputOf(model, input, row).catch(() => null);
  const value = chosen === null ? 0 : await baselineOf(baseline, model, chosen);
  if (typeof value === 'number') return { baseline: value };
  if (typeof value !== 'object' || !('data' in value) || value.data.length > FEW_NUMBERS) return {};
  return { baseline: Array.from(toFloat64(value.data), (number) => Number(number.toPrecision(7))) };
}
