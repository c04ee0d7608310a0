import {
  fromNumbers,
  PathwiseError,
  sizeOf,
  throwIfAborted,
  type Feeds,
  type Outputs,
  type PathJob,
  type PathSums,
  type RunOptions,
  type Tensor,
} from '@pathwise/model';
import {
  countRows,
  stackedShape,
  subgraph,
  typeOf,
  type Executable,
  type Graph,
  type PathNames,
  type RowSource,
} from '@pathwise/graph';
import { compile, type CompileOptions } from './compile/compile.ts';
import { LANES } from './compile/plan-file.ts';
import type { Core } from './core.ts';
import { endsOfPaths } from './path/ends.ts';
import { PathSession } from './path/session.ts';
import { copyRow, coreSource } from './row-source.ts';
import { WorkerPool } from './workers/pool.ts';

/** Milliseconds between two chances for timers, signals and messages to be heard. */
const YIELD_INTERVAL_MS = 100;

/** What an executable is made of beside its graph. */
export interface Resources {
  readonly core: Core;
  readonly module: WebAssembly.Module;
  readonly compiling: CompileOptions;
  readonly maxBytes: number | undefined;
  readonly workers: number;
}

/** A plan for a set of fed and wanted tensors; in the core of this thread once it is needed there. */
interface Plan {
  readonly graph: Graph;
  readonly session: PathSession;
  loaded: LoadedPlan | null;
}

/** A plan in the core, with the memory through which rows go in and out. */
interface LoadedPlan {
  readonly handle: number;
  readonly inputsAt: number;
  readonly outputsAt: number;
}

/** A graph on the core. A plan is made for every set of fed and wanted tensors that is asked for. */
export class WasmExecutable implements Executable {
  rows = 0;
  readonly #graph: Graph;
  #resources: Resources | null;
  readonly #plans = new Map<string, Plan>();
  #lastYield = 0;

  constructor(graph: Graph, resources: Resources) {
    this.#graph = graph;
    this.#resources = resources;
  }

  async run(feeds: Feeds, wanted: readonly string[], { signal }: RunOptions = {}): Promise<Outputs> {
    const { core } = this.#live();
    const plan = this.#plan(Object.keys(feeds), wanted);
    const { inputs, outputs } = plan.graph;
    const all = Object.keys(feeds).map((name) => coreSource(name, typeOf(this.#graph, name), feeds[name]));
    const rows = countRows(all);
    const sources = inputs.map((name) => all.find((source) => source.name === name) as RowSource);
    const { handle, inputsAt, outputsAt } = this.#load(plan);
    const results = outputs.map((name) => new Float32Array(rows * sizeOf(typeOf(this.#graph, name).shape)));
    for (let from = 0; from < rows; from += LANES) {
      await this.#pause(signal);
      const count = Math.min(LANES, rows - from);
      writeRows(core, inputsAt, sources, from, count);
      core.forward(handle, count, inputsAt, outputsAt);
      let at = outputsAt;
      for (const result of results) {
        const size = result.length / rows;
        result.set(core.floats(at, count * size), from * size);
        at += 4 * count * size;
      }
    }
    this.rows += rows;
    return Object.fromEntries(wanted.map((name) => [name, this.#stacked(name, rows, results[outputs.indexOf(name)])]));
  }

  async integrate(job: PathJob, names: PathNames, { signal }: RunOptions = {}): Promise<PathSums> {
    const { moving, fixed } = job.paths;
    const fed = [...Object.keys(fixed), ...moving.map(({ name }) => name), names.seed];
    const plan = this.#plan(
      fed.filter((name) => this.#graph.inputs.includes(name)),
      [names.target, ...names.gradients],
    );
    const ends = endsOfPaths(plan.graph, job.paths, names.seed);
    const sums = await plan.session.integrate(job, plan.graph.inputs.indexOf(names.seed), ends, signal);
    this.rows += job.points.length;
    return sums;
  }

  /** The instance and its memory go with the last reference; workers end. */
  dispose(): void {
    for (const { session } of this.#plans.values()) session.dispose();
    this.#resources = null;
    this.#plans.clear();
  }

  #live(): Resources {
    if (this.#resources === null) throw new PathwiseError('BAD_ARGUMENT', 'wasm engine: this graph was disposed of');
    return this.#resources;
  }

  #plan(fed: readonly string[], wanted: readonly string[]): Plan {
    this.#live();
    const key = `${fed.join('\n')}\n\n${wanted.join('\n')}`;
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const graph = subgraph(this.#graph, fed, [...new Set(wanted)]);
    const plan: Plan = {
      graph,
      loaded: null,
      session: new PathSession({
        plan: () => ({ core: this.#live().core, handle: this.#load(plan).handle }),
        startWorkers: () => startWorkers(graph, this.#live()),
        pause: (signal) => this.#pause(signal),
      }),
    };
    this.#plans.set(key, plan);
    return plan;
  }

  #load(plan: Plan): LoadedPlan {
    if (plan.loaded !== null) return plan.loaded;
    const { core, compiling } = this.#live();
    const { graph } = plan;
    const handle = core.loadPlan(compile(graph, compiling).bytes);
    plan.loaded = {
      handle,
      inputsAt: core.allocate(4 * LANES * elementsOf(graph, graph.inputs)),
      outputsAt: core.allocate(4 * LANES * elementsOf(graph, graph.outputs)),
    };
    return plan.loaded;
  }

  #stacked(name: string, rows: number, data: Float32Array): Tensor {
    const type = typeOf(this.#graph, name);
    const { dtype } = type;
    const shape = stackedShape(type, rows);
    return { dtype, shape, data: dtype === 'float32' ? data : fromNumbers(dtype, data) };
  }

  async #pause(signal: AbortSignal | undefined): Promise<void> {
    if (Date.now() - this.#lastYield >= YIELD_INTERVAL_MS) {
      await new Promise((resolve) => setTimeout(resolve, 0));
      this.#lastYield = Date.now();
    }
    throwIfAborted(signal);
    this.#live();
  }
}

/** Workers for a gradient graph, as many as are wanted and fit the budget; null for fewer than two. */
async function startWorkers(
  graph: Graph,
  { module, compiling, maxBytes = Infinity, workers }: Resources,
): Promise<WorkerPool | null> {
  if (workers < 2) return null;
  // Without a budget they start while the plan is compiled.
  if (maxBytes === Infinity) {
    return WorkerPool.start(workers, () => ({ module, plan: compile(graph, compiling).bytes, maxBytes: 0 }));
  }
  const { bytes, arenaBytes } = compile(graph, compiling);
  // A path takes its ends and two sums, each in float64.
  const pathBytes = 16 * elementsOf(graph, graph.inputs) + 32 * elementsOf(graph, graph.outputs);
  const count = Math.min(workers, Math.floor(maxBytes / (bytes.length + arenaBytes + pathBytes)));
  if (count < 2) return null;
  return WorkerPool.start(count, () => ({ module, plan: bytes, maxBytes: maxBytes / count }));
}

function elementsOf(graph: Graph, names: readonly string[]): number {
  return names.reduce((sum, name) => sum + sizeOf(typeOf(graph, name).shape), 0);
}

/** Rows [from, from + count) of every source, tensor after tensor. */
function writeRows(core: Core, at: number, sources: readonly RowSource[], from: number, count: number): void {
  for (const source of sources) {
    const { size } = source;
    for (let row = 0; row < count; row++) copyRow(source, from + row, core.floats(at + 4 * row * size, size));
    at += 4 * count * size;
  }
}
