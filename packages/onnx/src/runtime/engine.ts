import { PathwiseError, sizeOf, type Blocker } from '@pathwise/model';
import type { Engine, Graph } from '@pathwise/graph';
import { optimize } from '@pathwise/ops';
import { writeOnnx } from '../write-onnx.ts';
import { batched } from './batch.ts';
import { OrtExecutable, type RowSession } from './executable.ts';
import type { Flip } from './flip-convolutions.ts';
import { prepare } from './prepare.ts';
import { installedRuntime, type OrtRuntime } from './runtime.ts';
import { blockerOf } from './unsupported.ts';

export interface OrtEngineOptions {
  /**
   * The module of ONNX Runtime, or a function that imports it. Default: onnxruntime-node where it is installed, else
   * onnxruntime-web. Bundlers need `() => import('onnxruntime-web/wasm')`.
   */
  readonly runtime?: OrtRuntime | (() => Promise<unknown>);
  /** Threads inside ONNX Runtime; default 1. Rows side by side (`workers`) use a second core better. */
  readonly threads?: number;
}

/**
 * Runs graphs in ONNX Runtime, in the precision of the model. Gradient graphs go through an .onnx file in memory like
 * any other, eight rows a call where they are small. `workers` calls are under way side by side where the runtime is
 * native; `maxBytes` is not heeded: the runtime keeps the activations of each call, and the weights once a graph.
 */
export function createOrtEngine({ runtime, threads = 1 }: OrtEngineOptions = {}): Engine {
  return {
    id: 'ort',
    bytesPerElement: 8,
    supports(graph) {
      const missing = graph.nodes
        .map((node) => blockerOf(graph, node))
        .filter((blocker): blocker is Blocker => blocker !== null);
      return missing.length === 0 ? { ok: true } : { ok: false, missing };
    },
    async load(graph, { workers = 1 } = {}) {
      const module = await (typeof runtime === 'function'
        ? (runtime() as Promise<OrtRuntime>)
        : (runtime ?? installedRuntime()));
      const create = (part: Graph): Promise<RowSession> => createSession(module, part, threads);
      return new OrtExecutable(graph, { runtime: module, create, lanes: isNative(module) ? Math.max(1, workers) : 1 });
    },
  };
}

/** ONNX Runtime as it is installed, one thread. */
export const ortEngine: Engine = createOrtEngine();

/** Rows a call of a small graph: a few kernels' start-up costs then weigh an eighth. */
const TILE = 8;

/** Graphs of at most so many computed elements a row are small. Larger ones gain nothing and take memory. */
const SMALL_ELEMENTS = 2 ** 20;

/** The graph for the rows of one call: eight where it is small and every op can take them, else one. */
function tiled(graph: Graph): { readonly graph: Graph; readonly tile: number } {
  let elements = 0;
  for (const { outputs } of graph.nodes)
    for (const name of outputs) elements += sizeOf(graph.types.get(name)?.shape ?? []);
  const together = elements > SMALL_ELEMENTS ? null : batched(graph, TILE);
  return together === null ? { graph, tile: 1 } : { graph: optimize(together), tile: TILE };
}

async function createSession(runtime: OrtRuntime, given: Graph, threads: number): Promise<RowSession> {
  const native = isNative(runtime);
  // Before the first session only; later ones cannot change it.
  if (runtime.env.wasm !== undefined) runtime.env.wasm.numThreads ??= threads;
  const flip: Flip = native ? 'all' : 'depthwise';
  const { graph, tile } = tiled(prepare(given, flip));
  try {
    const session = await runtime.InferenceSession.create(writeOnnx(graph), {
      executionProviders: [native ? 'cpu' : 'wasm'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
    return { session, tile };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new PathwiseError(
      'UNSUPPORTED_OP',
      `engine "ort": ONNX Runtime refuses this graph (${reason})`,
      {},
      { cause },
    );
  }
}

/** The native module lists what it was built with; the WebAssembly one has no such function. */
function isNative(runtime: OrtRuntime): boolean {
  return runtime.listSupportedBackends !== undefined;
}
