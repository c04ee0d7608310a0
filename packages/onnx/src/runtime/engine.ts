import { PathwiseError, type Blocker } from '@pathwise/model';
import type { Engine, Graph } from '@pathwise/graph';
import { writeOnnx } from '../write-onnx.ts';
import { OrtExecutable } from './executable.ts';
import type { Flip } from './flip-convolutions.ts';
import { prepare } from './prepare.ts';
import { installedRuntime, type OrtRuntime, type OrtSession } from './runtime.ts';
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
 * any other. `workers` rows are computed side by side where the runtime is native; `maxBytes` is not heeded: the
 * runtime keeps one row's activations for each of them, and the weights once a graph.
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
      const create = (part: Graph): Promise<OrtSession> => createSession(module, part, threads);
      return new OrtExecutable(graph, { runtime: module, create, lanes: isNative(module) ? Math.max(1, workers) : 1 });
    },
  };
}

/** ONNX Runtime as it is installed, one thread. */
export const ortEngine: Engine = createOrtEngine();

async function createSession(runtime: OrtRuntime, graph: Graph, threads: number): Promise<OrtSession> {
  const native = isNative(runtime);
  // Before the first session only; later ones cannot change it.
  if (runtime.env.wasm !== undefined) runtime.env.wasm.numThreads ??= threads;
  const flip: Flip = native ? 'all' : 'depthwise';
  try {
    return await runtime.InferenceSession.create(writeOnnx(prepare(graph, flip)), {
      executionProviders: [native ? 'cpu' : 'wasm'],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
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
