import {
  isFloat,
  fromNumbers,
  PathwiseError,
  sameShape,
  sizeOf,
  throwIfAborted,
  type Feeds,
  type Outputs,
  type RunOptions,
  type Shape,
  type Tensor,
} from '@pathwise/model';
import { subgraph, typeOf, type Executable, type Graph } from '@pathwise/graph';
import { compile } from './compile/compile.ts';
import { LANES } from './compile/plan-file.ts';
import type { Core } from './core.ts';

/** Milliseconds between two chances for timers, signals and messages to be heard. */
const YIELD_INTERVAL_MS = 100;

/** Integers up to here are exact as float32. */
const LARGEST_INTEGER = 2 ** 24;

/** A plan in the core, with the memory through which rows go in and out. */
interface LoadedPlan {
  readonly handle: number;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly inputsAt: number;
  readonly outputsAt: number;
}

/** A graph on the core. A plan is made for every set of fed and wanted tensors that is asked for. */
export class WasmExecutable implements Executable {
  rows = 0;
  readonly #graph: Graph;
  #core: Core | null;
  readonly #plans = new Map<string, LoadedPlan>();
  #lastYield = 0;

  constructor(graph: Graph, core: Core) {
    this.#graph = graph;
    this.#core = core;
  }

  async run(feeds: Feeds, wanted: readonly string[], { signal }: RunOptions = {}): Promise<Outputs> {
    if (this.#core === null) throw new PathwiseError('BAD_ARGUMENT', 'wasm engine: this graph was disposed of');
    const core = this.#core;
    const plan = this.#plan(core, Object.keys(feeds), wanted);
    const sources = plan.inputs.map((name) => this.#source(name, feeds[name]));
    const rows = rowCount(Object.keys(feeds).map((name) => this.#source(name, feeds[name])));
    const results = plan.outputs.map((name) => new Float32Array(rows * sizeOf(typeOf(this.#graph, name).shape)));
    for (let from = 0; from < rows; from += LANES) {
      await this.#breathe();
      throwIfAborted(signal);
      const count = Math.min(LANES, rows - from);
      writeRows(core, plan.inputsAt, sources, from, count);
      core.forward(plan.handle, count, plan.inputsAt, plan.outputsAt);
      let at = plan.outputsAt;
      for (const result of results) {
        const size = result.length / rows;
        result.set(core.floats(at, count * size), from * size);
        at += 4 * count * size;
      }
    }
    this.rows += rows;
    return Object.fromEntries(
      wanted.map((name) => [name, this.#stacked(name, rows, results[plan.outputs.indexOf(name)])]),
    );
  }

  /** The instance and its memory go with the last reference. */
  dispose(): void {
    this.#core = null;
    this.#plans.clear();
  }

  #plan(core: Core, fed: readonly string[], wanted: readonly string[]): LoadedPlan {
    const key = `${fed.join('\n')}\n\n${wanted.join('\n')}`;
    const known = this.#plans.get(key);
    if (known !== undefined) return known;
    const graph = subgraph(this.#graph, fed, [...new Set(wanted)]);
    const handle = core.loadPlan(compile(graph).bytes);
    const bytes = (names: readonly string[]): number =>
      4 * LANES * names.reduce((sum, name) => sum + sizeOf(typeOf(graph, name).shape), 0);
    const plan = {
      handle,
      inputs: graph.inputs,
      outputs: graph.outputs,
      inputsAt: core.allocate(bytes(graph.inputs)),
      outputsAt: core.allocate(bytes(graph.outputs)),
    };
    this.#plans.set(key, plan);
    return plan;
  }

  /** A feed of exactly the graph's shape is one row, whatever its first size. */
  #source(name: string, feed: Tensor): RowSource {
    const { shape, dtype } = typeOf(this.#graph, name);
    const rows = sameShape(feed.shape, shape) ? 1 : (feed.shape[0] ?? 1);
    const row = sameShape(feed.shape, shape) || shape[0] === 1 ? [1, ...feed.shape.slice(1)] : feed.shape.slice(1);
    if (!sameShape(feed.shape, shape) && !sameShape(row, shape)) {
      const expected = `rows of shape [${shape.join(',')}] for "${name}", got [${feed.shape.join(',')}]`;
      throw new PathwiseError('BAD_SHAPE', `wasm engine: expected ${expected}`, { tensor: name });
    }
    if (!isFloat(dtype)) checkIntegers(name, feed);
    return { name, rows, size: sizeOf(shape), data: feed.data };
  }

  #stacked(name: string, rows: number, data: Float32Array): Tensor {
    const { dtype, shape: own } = typeOf(this.#graph, name);
    const shape: Shape = own[0] === 1 ? [rows, ...own.slice(1)] : [rows, ...own];
    return { dtype, shape, data: dtype === 'float32' ? data : fromNumbers(dtype, data) };
  }

  async #breathe(): Promise<void> {
    if (Date.now() - this.#lastYield < YIELD_INTERVAL_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#lastYield = Date.now();
  }
}

/** Rows of a fed tensor, one after the other. */
interface RowSource {
  readonly name: string;
  readonly rows: number;
  readonly size: number;
  readonly data: Tensor['data'];
}

function rowCount(sources: readonly RowSource[]): number {
  let rows = 1;
  for (const source of sources) {
    if (source.rows === 1 || source.rows === rows) continue;
    if (rows !== 1) {
      const message = `feed "${source.name}" has ${source.rows} rows, others have ${rows}`;
      throw new PathwiseError('BAD_SHAPE', message, { tensor: source.name });
    }
    rows = source.rows;
  }
  return rows;
}

/** Rows [from, from + count) of every source, tensor after tensor; a source of one row serves all. */
function writeRows(core: Core, at: number, sources: readonly RowSource[], from: number, count: number): void {
  for (const { rows, size, data } of sources) {
    const target = core.floats(at, count * size);
    for (let row = 0; row < count; row++) {
      const start = (rows === 1 ? 0 : from + row) * size;
      const values = data.subarray(start, start + size);
      if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
        for (let i = 0; i < size; i++) target[row * size + i] = Number(values[i]);
      } else {
        target.set(values, row * size);
      }
    }
    at += 4 * count * size;
  }
}

function checkIntegers(name: string, { data }: Tensor): void {
  for (const value of data) {
    if (Math.abs(Number(value)) > LARGEST_INTEGER) {
      const message = `wasm engine: "${name}" holds the integer ${value}; beyond 2^24 they are not exact here. Use the reference engine`;
      throw new PathwiseError('BAD_ARGUMENT', message, { tensor: name });
    }
  }
}
