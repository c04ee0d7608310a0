import { PathwiseError, type Blocker, type Warning } from '@pathwise/model';
import type { Engine } from '@pathwise/graph';
import { referenceEngine } from '@pathwise/ops';
import { wasmEngine } from '@pathwise/wasm';

/** The engine that is chosen for a model, and why not the fast one. */
export interface AutoEngine extends Engine {
  /** What the WASM engine cannot do; null while it does everything. */
  readonly blocker: Blocker | null;
}

/**
 * The WASM engine for a model, until a graph of it needs what has no kernel there: from then on the reference engine,
 * which knows every op. A new one for each model.
 */
export function autoEngine(fast: Engine = wasmEngine): AutoEngine {
  let blocker: Blocker | null = null;
  const chosen = (): Engine => (blocker === null ? fast : referenceEngine);
  return {
    get id() {
      return chosen().id;
    },
    get bytesPerElement() {
      return chosen().bytesPerElement as number;
    },
    get blocker() {
      return blocker;
    },
    supports: (graph) => (fast.supports(graph).ok ? { ok: true } : referenceEngine.supports(graph)),
    async load(graph, options) {
      const support = chosen().supports(graph);
      if (!support.ok) blocker = support.missing[0] ?? { node: '', op: '', reason: 'a part of it has no kernel' };
      try {
        return await chosen().load(graph, options);
      } catch (error) {
        // A host that forbids WebAssembly, or a package without its core.
        if (!(error instanceof PathwiseError) || error.code !== 'ENGINE_UNAVAILABLE') throw error;
        blocker = { node: '', op: '', reason: error.message };
        return chosen().load(graph, options);
      }
    },
  };
}

/** Whether an engine is one that {@link autoEngine} made. */
export function isAuto(engine: Engine): engine is AutoEngine {
  return 'blocker' in engine;
}

/** Says that a model runs slowly, and which op is the reason. */
export function fallbackWarning({ node, op, reason }: Blocker): Warning {
  const where = node === '' ? '' : `node "${node}"${op === '' ? '' : ` (${op})`}: `;
  return {
    code: 'engine-fallback',
    message: `computed on the reference engine, in float64 and slowly, since the WASM engine cannot: ${where}${reason}`,
  };
}
