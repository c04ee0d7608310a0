import {
  PathwiseError,
  rowsOf,
  sameShape,
  sizeOf,
  throwIfAborted,
  toFloat64,
  type Feeds,
  type Outputs,
  type RunOptions,
  type Shape,
  type Tensor,
} from '@pathwise/model';
import {
  storeAs,
  valueOf,
  type Engine,
  type Executable,
  type Graph,
  type Node,
  type TensorType,
  type Value,
} from '@pathwise/graph';
import { ops } from '../op-set.ts';

/** The float64 oracle: obvious, one row at a time, one op after the other. */
export const referenceEngine: Engine = {
  id: 'reference',
  supports(graph) {
    const missing = graph.nodes
      .filter((node) => ops.get(node.op) === undefined)
      .map((node) => ({ node: node.name, op: node.op, reason: 'no such op' }));
    return missing.length === 0 ? { ok: true } : { ok: false, missing };
  },
  load: (graph) => Promise.resolve(new ReferenceExecutable(graph)),
};

/** Milliseconds between two chances for timers, signals and messages to be heard. */
const YIELD_INTERVAL_MS = 100;

class ReferenceExecutable implements Executable {
  rows = 0;
  readonly #graph: Graph;
  readonly #constants: ReadonlyMap<string, Value>;
  readonly #schedules = new Map<string, Schedule>();
  #lastYield = 0;

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#constants = new Map([...graph.constants].map(([name, value]) => [name, valueOf(value)]));
  }

  async run(feeds: Feeds, wanted: readonly string[], { signal }: RunOptions = {}): Promise<Outputs> {
    const rows = this.#rowCount(feeds);
    const schedule = this.#schedule(Object.keys(feeds), wanted);
    const stacks = new Map(wanted.map((name) => [name, [] as Float64Array[]]));
    for (let row = 0; row < rows; row++) {
      await this.#breathe();
      throwIfAborted(signal);
      const values = this.#runRow(feeds, row, schedule);
      for (const [name, stack] of stacks) stack.push((values.get(name) as Value).data);
    }
    this.rows += rows;
    return Object.fromEntries(wanted.map((name) => [name, this.#stack(name, stacks.get(name) ?? [])]));
  }

  dispose(): void {
    this.#schedules.clear();
  }

  #runRow(feeds: Feeds, row: number, { nodes, lastUse }: Schedule): Map<string, Value> {
    const values = new Map<string, Value>();
    for (const [name, feed] of Object.entries(feeds)) values.set(name, this.#feedRow(name, feed, row));
    const read = (name: string): Value | null =>
      name === '' ? null : (values.get(name) ?? this.#constants.get(name) ?? missingFeed(name));
    for (const [step, node] of nodes.entries()) {
      const types = node.outputs.map((output) => this.#graph.types.get(output) ?? UNUSED);
      const results = (ops.get(node.op) as NonNullable<ReturnType<typeof ops.get>>).forward(
        node.inputs.map(read),
        node.attrs,
        types,
      );
      for (const [i, output] of node.outputs.entries()) {
        if (output !== '') values.set(output, { ...(types[i] as TensorType), data: results[i] as Float64Array });
      }
      for (const name of lastUse[step] as string[]) values.delete(name);
    }
    for (const [name, value] of this.#constants) if (!values.has(name)) values.set(name, value);
    return values;
  }

  /** A feed of exactly the graph's shape is one row, whatever its first size. */
  #rowCount(feeds: Feeds): number {
    let rows = 1;
    for (const [name, feed] of Object.entries(feeds)) {
      const type = this.#graph.types.get(name);
      const own = type !== undefined && sameShape(feed.shape, type.shape) ? 1 : (feed.shape[0] ?? 1);
      if (own === 1 || own === rows) continue;
      if (rows !== 1)
        throw new PathwiseError('BAD_SHAPE', `feed "${name}" has ${own} rows, others have ${rows}`, { tensor: name });
      rows = own;
    }
    return rows;
  }

  #feedRow(name: string, feed: Tensor, row: number): Value {
    const type = this.#graph.types.get(name);
    if (type === undefined)
      throw new PathwiseError('BAD_ARGUMENT', `reference engine: the graph has no tensor "${name}" to feed`, {
        tensor: name,
      });
    if (sameShape(feed.shape, type.shape)) return { ...type, data: toFloat64(feed.data) };
    const at = feed.shape[0] === 1 ? 0 : row;
    const one = rowsOf(feed, at, at + 1);
    const shape: Shape = type.shape[0] === 1 ? one.shape : one.shape.slice(1);
    if (!sameShape(shape, type.shape)) {
      throw new PathwiseError(
        'BAD_SHAPE',
        `reference engine: expected rows of shape [${type.shape.join(',')}] for "${name}", got [${feed.shape.join(',')}]`,
        { tensor: name },
      );
    }
    return { ...type, data: toFloat64(one.data) };
  }

  #stack(name: string, rows: readonly Float64Array[]): Tensor {
    const type = this.#graph.types.get(name) as TensorType;
    const shape = type.shape[0] === 1 ? [rows.length, ...type.shape.slice(1)] : [rows.length, ...type.shape];
    const data = new Float64Array(sizeOf(shape));
    let at = 0;
    for (const row of rows) {
      data.set(row, at);
      at += row.length;
    }
    return storeAs({ dtype: type.dtype, shape }, data);
  }

  /** The nodes that `wanted` needs when `feeds` are given, and what may be forgotten after each. */
  #schedule(fed: readonly string[], wanted: readonly string[]): Schedule {
    const key = `${fed.join('\n')}\n\n${wanted.join('\n')}`;
    let schedule = this.#schedules.get(key);
    if (schedule === undefined) {
      schedule = makeSchedule(this.#graph, new Set(fed), wanted);
      this.#schedules.set(key, schedule);
    }
    return schedule;
  }

  async #breathe(): Promise<void> {
    const now = Date.now();
    if (now - this.#lastYield < YIELD_INTERVAL_MS) return;
    await new Promise((resolve) => setTimeout(resolve, 0));
    this.#lastYield = Date.now();
  }
}

interface Schedule {
  readonly nodes: readonly Node[];
  readonly lastUse: readonly string[][];
}

const UNUSED: TensorType = { dtype: 'float32', shape: [] };

function makeSchedule(graph: Graph, fed: ReadonlySet<string>, wanted: readonly string[]): Schedule {
  const needed = new Set(wanted.filter((name) => !fed.has(name)));
  const nodes: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    nodes.push(node);
    for (const input of node.inputs) if (input !== '' && !fed.has(input)) needed.add(input);
  }
  nodes.reverse();
  const kept = new Set(wanted);
  const last = new Map<string, number>();
  for (const [step, node] of nodes.entries()) {
    for (const name of [...node.inputs, ...node.outputs]) if (name !== '' && !kept.has(name)) last.set(name, step);
  }
  const lastUse: string[][] = nodes.map(() => []);
  for (const [name, step] of last) lastUse[step].push(name);
  return { nodes, lastUse };
}

function missingFeed(name: string): never {
  throw new PathwiseError('BAD_ARGUMENT', `input "${name}" was not given`, { tensor: name });
}
