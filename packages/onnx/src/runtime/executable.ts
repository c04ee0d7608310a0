import {
  allocate,
  PathwiseError,
  sizeOf,
  throwIfAborted,
  toFloat64,
  type Feeds,
  type Outputs,
  type RunOptions,
  type Tensor,
  type TensorData,
} from '@pathwise/model';
import {
  countRows,
  rowData,
  rowSource,
  stackedShape,
  subgraph,
  typeOf,
  type Executable,
  type Graph,
  type RowSource,
} from '@pathwise/graph';
import type { OrtRuntime, OrtSession, OrtTensor } from './runtime.ts';

/** A session, and how many rows each of its calls takes. */
export interface RowSession {
  readonly session: OrtSession;
  readonly tile: number;
}

/** How graphs become sessions of ONNX Runtime. */
export interface SessionFactory {
  readonly runtime: OrtRuntime;
  readonly create: (graph: Graph) => Promise<RowSession>;
  /** Calls that may be under way at once. */
  readonly lanes: number;
}

/**
 * A graph in ONNX Runtime. A session is made for every set of fed and wanted tensors. Its calls always take the same
 * number of rows, so that a row's bits do not depend on how many there are; the last call is filled with copies.
 */
export class OrtExecutable implements Executable {
  rows = 0;
  readonly #graph: Graph;
  readonly #factory: SessionFactory;
  readonly #sessions = new Map<string, Promise<RowSession>>();
  #disposed = false;

  constructor(graph: Graph, factory: SessionFactory) {
    this.#graph = graph;
    this.#factory = factory;
  }

  async run(feeds: Feeds, wanted: readonly string[], { signal }: RunOptions = {}): Promise<Outputs> {
    if (this.#disposed) throw new PathwiseError('BAD_ARGUMENT', 'ort engine: this graph was disposed of');
    const sources = Object.entries(feeds).map(([name, feed]) =>
      rowSource(name, typeOf(this.#graph, name), feed, 'ort'),
    );
    const rows = countRows(sources);
    const stacks = new Map([...new Set(wanted)].map((name) => [name, this.#stack(name, rows)]));
    const computed: string[] = [];
    for (const [name, stack] of stacks) {
      const known = sources.find((source) => source.name === name) ?? this.#constant(name);
      if (known === undefined) computed.push(name);
      else for (let row = 0; row < rows; row++) setRows(stack, rows, row, rowData(known, row), 1);
    }
    if (computed.length > 0) await this.#compute(sources, rows, computed, stacks, signal);
    this.rows += rows;
    return Object.fromEntries(stacks);
  }

  dispose(): void {
    this.#disposed = true;
    for (const session of this.#sessions.values()) {
      void session.then(
        (loaded) => loaded.session.release(),
        () => {},
      );
    }
    this.#sessions.clear();
  }

  async #compute(
    sources: readonly RowSource[],
    rows: number,
    names: readonly string[],
    stacks: ReadonlyMap<string, Tensor>,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const graph = subgraph(
      this.#graph,
      sources.map(({ name }) => name),
      names,
    );
    const { session, tile } = await this.#session(graph);
    const inputs = sources.filter(({ name }) => graph.inputs.includes(name));
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < rows) {
        throwIfAborted(signal);
        const from = next;
        next += tile;
        const feeds = Object.fromEntries(inputs.map((source) => [source.name, this.#tensor(source, from, tile)]));
        const outputs = await session.run(feeds, names).catch((error: unknown) => {
          next = rows;
          throw runError(error);
        });
        for (const name of names) setRows(stacks.get(name)!, rows, from, outputs[name]!.data, tile);
      }
    };
    await Promise.all(Array.from({ length: Math.min(Math.ceil(rows / tile), this.#factory.lanes) }, lane));
  }

  #session(graph: Graph): Promise<RowSession> {
    const key = JSON.stringify([graph.inputs, graph.outputs]);
    let session = this.#sessions.get(key);
    if (session === undefined) {
      session = this.#factory.create(graph);
      this.#sessions.set(key, session);
    }
    return session;
  }

  #tensor(source: RowSource, from: number, tile: number): OrtTensor {
    const { dtype, shape } = typeOf(this.#graph, source.name);
    const values = rowData(source, from);
    if (tile === 1 && values.constructor === allocate(dtype, 0).constructor) {
      return new this.#factory.runtime.Tensor(dtype, values, shape);
    }
    const data = allocate(dtype, tile * source.size);
    for (let k = 0; k < tile; k++) {
      setData(data, k * source.size, rowData(source, Math.min(from + k, source.rows - 1)));
    }
    return new this.#factory.runtime.Tensor(dtype, data, tile === 1 ? shape : [tile, ...shape]);
  }

  #constant(name: string): RowSource | undefined {
    const value = this.#graph.constants.get(name);
    return value === undefined ? undefined : { name, rows: 1, size: sizeOf(value.shape), data: value.data };
  }

  #stack(name: string, rows: number): Tensor {
    const type = typeOf(this.#graph, name);
    const shape = stackedShape(type, rows);
    return { dtype: type.dtype, shape, data: allocate(type.dtype, sizeOf(shape)) };
  }
}

/** Puts the rows of a call in their places among all; what it was filled with is left out. */
function setRows({ data }: Tensor, rows: number, from: number, values: TensorData, tile: number): void {
  const size = data.length / rows;
  const count = Math.min(tile, rows - from);
  setData(data, from * size, count === tile ? values : (values.subarray(0, count * size) as TensorData));
}

function setData(target: TensorData, at: number, values: TensorData): void {
  const isWide = target instanceof BigInt64Array || target instanceof BigUint64Array;
  const fromWide = values instanceof BigInt64Array || values instanceof BigUint64Array;
  if (isWide && fromWide) target.set(values, at);
  else if (isWide) target.set(Array.from(values as Float64Array, BigInt), at);
  else target.set(fromWide ? toFloat64(values) : values, at);
}

function runError(cause: unknown): PathwiseError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new PathwiseError(
    'UNSUPPORTED_OP',
    `engine "ort": ONNX Runtime could not run this graph (${reason})`,
    {},
    { cause },
  );
}
