import { differentiate, subgraph } from '@pathwise/graph';
import { lowerGraph, ops, optimize } from '@pathwise/ops';
import { compile } from '@pathwise/wasm';
import { explainer, inspectModel, PathwiseError } from 'pathwise';
import { sceneOf } from './explain.ts';
import { readFile } from './files.ts';
import { openModel } from './models.ts';
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
      ['Workers', yes(typeof Worker === 'function'), 'all computing is done in one'],
      ['Logical processors', String(hardwareConcurrency), 'as the browser says; one worker computes'],
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
      return { name: 'worker.js', type: 'text/javascript', content: workerCode(question) };
  }
}

function binary(name: string, type: string, bytes: Uint8Array): FileOut {
  return { name, type, content: new Uint8Array(bytes) };
}

/** Forward and gradient as one plan: feeds in the order of the graph's inputs, then the cotangent of the output. */
async function planOf(question: Question): Promise<Uint8Array> {
  const { explain } = await openModel(question.model, question.engine);
  const { graph } = inspectModel(await explainer(explain.file.source));
  const target = explain.outputs[0]?.name;
  const wrt = explain.inputs.flatMap(({ attributedAt }) => (attributedAt === null ? [] : [attributedAt]));
  if (target === undefined) throw new PathwiseError('BAD_FILE', 'the model has no output');
  const forward = lowerGraph(optimize(graph, [target, ...wrt]));
  const derived = differentiate(forward, { targets: [target], wrt, ops });
  const gradients = [...derived.gradients.values()].flatMap((name) => (typeof name === 'string' ? [name] : []));
  const wanted = [target, ...gradients];
  const fed = [...forward.inputs, ...derived.seeds.values()];
  return compile(optimize(subgraph(derived.graph, fed, wanted), wanted)).bytes;
}

function workerCode({ method, target, steps }: Question): string {
  const chosen = /^\d+$/u.test(target) ? target : `'${target === 'sum' ? 'sum' : 'top1'}'`;
  return `// A worker at the edge (Cloudflare and alike): POST the input as nested arrays, get the attribution.
import { explainer } from 'pathwise';
import { loadCore } from '@pathwise/wasm';
import core from '@pathwise/wasm/core.wasm';
import model from './model.onnx';

let ready;
const start = async () => {
  await loadCore(core);
  return explainer(model, { engine: 'wasm', maxBytes: 64e6 });
};

export default {
  async fetch(request) {
    const explain = await (ready ??= start());
    const a = await explain(await request.json(), { method: '${method}', target: ${chosen}, steps: ${steps > 0 ? steps : 16} });
    return Response.json({ ...a, attributions: Object.values(a.attributions).map(({ data }) => [...data]) });
  },
};
`;
}
