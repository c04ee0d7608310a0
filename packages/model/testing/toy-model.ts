import type {
  BreakpointRequest,
  Capability,
  CurvatureRequest,
  DifferentiableModel,
  GradientRequest,
  GradientResult,
  InputInfo,
  PropagateRequest,
  PropagateResult,
  PullbackRequest,
  RunOptions,
  Structure,
  Support,
  TangentRequest,
  TensorInfo,
} from '../src/capabilities.ts';
import type { Feeds, Outputs } from '../src/feeds.ts';
import type { Objective, RowObjective } from '../src/objective.ts';
import { PathwiseError, throwIfAborted } from '../src/errors.ts';
import type { OutputScale } from '../src/target.ts';
import { float64, sameShape, sizeOf, toFloat64, type Tensor } from '../src/tensor.ts';
import { derivative, evaluateOperation, type Operation } from './algebra.ts';
import { toyCurvature } from './toy-curvature.ts';
import { toyBreakpoints } from './toy-breakpoints.ts';
import { ToyGraph, type Tape } from './toy-graph.ts';
import { toyPropagate } from './toy-propagate.ts';
import { toyStructure } from './toy-structure.ts';

export interface ToyOptions {
  /** Element count of each input, or its row shape; default { x: as many as the expressions name }. */
  readonly inputs?: Readonly<Record<string, number | readonly number[]>>;
  /** Inner tensors in the order of computing: name -> element expressions. */
  readonly tensors?: Readonly<Record<string, readonly string[]>>;
  /** Element expressions of the output `y`. */
  readonly outputs: readonly string[];
  /** Token ids: input name -> its lookup. The lookup's output is a tensor of tokens * width elements. */
  readonly embeddings?: Readonly<Record<string, ToyEmbedding>>;
  /** Inputs whose whole is one example: fed without an axis that counts rows. */
  readonly whole?: readonly string[];
  /** Inputs whose last axis holds channels. */
  readonly channelsLast?: readonly string[];
  readonly withoutCapabilities?: readonly Capability[];
  /** What `bytesPerRow` answers; default 1000. */
  readonly bytesPerRow?: number;
}

export interface ToyEmbedding {
  readonly table: readonly (readonly number[])[];
  readonly tokens: number;
  /** Name of the embedding's output. */
  readonly output: string;
}

/**
 * A small differentiable model written as algebra, evaluated in float64; kinks as everywhere (relu'(0) = abs'(0) = 0,
 * the first maximum wins). Its output is `y`, shape [rows, outputs]; `y:probability` and `y:log-probability` exist too.
 */
export function toyModel(options: ToyOptions): ToyModel {
  return new ToyModel(options);
}

export class ToyModel implements DifferentiableModel {
  readonly engine = 'toy';
  readonly inputs: readonly InputInfo[];
  readonly outputs: readonly TensorInfo[];
  readonly counters: { forward: number; gradient: number } = { forward: 0, gradient: 0 };
  /** Rows of every call so far, to see how points were put together. */
  readonly calls: number[] = [];
  readonly graph: ToyGraph;
  readonly #bytesPerRow: number;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #embeddings: Readonly<Record<string, ToyEmbedding>>;
  readonly #without: readonly Capability[];
  readonly #whole: ReadonlySet<string>;

  constructor({
    inputs,
    tensors = {},
    outputs,
    embeddings = {},
    whole = [],
    channelsLast = [],
    withoutCapabilities = [],
    bytesPerRow = 1000,
  }: ToyOptions) {
    this.#bytesPerRow = bytesPerRow;
    const lookups = Object.fromEntries(
      Object.values(embeddings).map(({ output, tokens, table }) => [output, [tokens, table[0]?.length ?? 0]]),
    );
    const named = inputs ?? (Object.keys(embeddings).length > 0 ? {} : { x: highestIndex(tensors, outputs) + 1 });
    const shapes = Object.entries({ ...named, ...lookups }).map(
      ([name, shape]) => [name, typeof shape === 'number' ? [shape] : shape] as const,
    );
    const y = outputs.map((_, i) => `y${i}`);
    const total = y.map((v) => `exp(${v})`).join('+');
    this.graph = new ToyGraph(Object.fromEntries(shapes.map(([name, shape]) => [name, sizeOf(shape)])), {
      ...tensors,
      y: outputs,
      'y:probability': y.map((v) => `exp(${v})/(${total})`),
      'y:log-probability': y.map((v) => `${v}-ln(${total})`),
    });
    this.#shapes = new Map(shapes);
    this.#embeddings = embeddings;
    this.#without = withoutCapabilities;
    this.#whole = new Set(whole);
    this.inputs = [
      ...Object.entries(named).map(([name, shape]) => ({
        ...floatInfo(name, typeof shape === 'number' ? [shape] : shape),
        batched: !whole.includes(name),
        ...(channelsLast.includes(name) && { channelsLast: true }),
        attributedAt: name,
      })),
      ...Object.entries(embeddings).map(([name, { tokens, output }]) => ({
        name,
        dtype: 'int64' as const,
        shape: ['rows', tokens],
        batched: true,
        attributedAt: output,
      })),
    ];
    this.outputs = [floatInfo('y', [outputs.length])];
  }

  bytesPerRow(): number {
    return this.#bytesPerRow;
  }

  supports(capability: Capability): Support {
    const known: readonly Capability[] = [
      'predict',
      'gradient',
      'layers',
      'tangent',
      'second-order',
      'breakpoints',
      'propagate',
    ];
    if (known.includes(capability) && !this.#without.includes(capability)) return { ok: true };
    return { ok: false, missing: [{ node: 'y', op: 'toy', reason: `the test model lacks ${capability}` }] };
  }

  outputTensor(name = 'y', scale: OutputScale = 'logit'): { tensor: string; note?: string } {
    if (name !== 'y') throw new PathwiseError('BAD_ARGUMENT', `there is no output "${name}"; there is y`);
    return scale === 'logit' ? { tensor: 'y' } : { tensor: `y:${scale}`, note: `${scale} appended` };
  }

  async forward(feeds: Feeds, wanted: readonly string[] = ['y'], options: RunOptions = {}): Promise<Outputs> {
    const rows = this.#rows(feeds);
    this.counters.forward += rows;
    const columns = await this.#run(feeds, rows, wanted, options, (tape, values) =>
      wanted.map((name) => (tape.at.get(name) as number[]).map((i) => values[i] as number)),
    );
    return this.#stack(wanted, columns);
  }

  async gradient(request: GradientRequest, options: RunOptions = {}): Promise<GradientResult> {
    const { feeds, objective, wrt, wanted = [] } = request;
    const rows = this.#rows(feeds);
    this.counters.gradient += rows;
    const values = new Float64Array(rows);
    const gradients: number[][][] = [];
    const needed = [objective.tensor, ...wrt, ...wanted];
    const tensors = await this.#run(feeds, rows, needed, options, (tape, steps, row) => {
      const output = (tape.at.get(objective.tensor) as number[]).map((i) => steps[i] as number);
      const { value, weights } = seed(rowObjective(objective, row), output);
      values[row] = value;
      gradients.push(backward(tape, steps, new Map([[objective.tensor, weights]]), wrt));
      return wanted.map((name) => (tape.at.get(name) as number[]).map((i) => steps[i] as number));
    });
    return { values, gradients: this.#stack(wrt, gradients), tensors: this.#stack(wanted, tensors) };
  }

  async pullback({ feeds, cotangents, wrt }: PullbackRequest, options: RunOptions = {}): Promise<Outputs> {
    const rows = this.#rows({ ...feeds, ...cotangents });
    const names = Object.keys(cotangents);
    const columns = await this.#run(feeds, rows, [...names, ...wrt], options, (tape, steps, row) =>
      backward(tape, steps, new Map(names.map((name) => [name, rowData(cotangents[name] as Tensor, row)])), wrt),
    );
    return this.#stack(wrt, columns);
  }

  async tangent({ feeds, tangents, wanted }: TangentRequest, options: RunOptions = {}): Promise<Outputs> {
    const rows = this.#rows({ ...feeds, ...tangents });
    const columns = await this.#run(feeds, rows, [...wanted, ...Object.keys(tangents)], options, (tape, steps, row) => {
      const directions = Object.entries(tangents).map(([name, t]) => [name, rowData(t, row)] as const);
      return forwardTangents(tape, steps, new Map(directions), wanted);
    });
    return this.#stack(wanted, columns);
  }

  async curvature({ feeds, objective, directions }: CurvatureRequest, options: RunOptions = {}): Promise<Outputs> {
    const rows = this.#rows(feeds);
    this.counters.gradient += rows;
    const wrt = Object.keys(directions);
    const columns = await this.#run(feeds, rows, [objective.tensor, ...wrt], options, (tape, steps, row) => {
      const own = rowObjective(objective, row);
      if (own.kind !== 'linear') throw new PathwiseError('UNSUPPORTED_METHOD', 'a target given as a function');
      const along = wrt.map((name) => [name, rowData(directions[name] as Tensor, row)] as const);
      return toyCurvature(tape, steps, [objective.tensor, own.weights], new Map(along));
    });
    return this.#stack(wrt, columns);
  }

  async propagate(request: PropagateRequest, options: RunOptions = {}): Promise<PropagateResult> {
    const { feeds, objective, wrt, propagation, baseline } = request;
    const rows = this.#rows(feeds);
    this.counters.gradient += rows;
    const needed = [objective.tensor, ...wrt];
    const [at, from] = [{ ...this.#lookUp(feeds), ...feeds }, baseline];
    const atBaseline: Float64Array[] = [];
    if (from !== undefined && propagation.kind === 'deep-lift') {
      this.counters.forward += rows;
      // Inner tensors of `wrt` have there what the inputs make of them.
      const inputs = Object.entries(from).filter(([name]) => at[name] !== undefined);
      await this.#run({ ...at, ...Object.fromEntries(inputs) }, rows, needed, options, (_, values) =>
        atBaseline.push(values),
      );
    }
    const [values, before] = [new Float64Array(rows), new Float64Array(rows)];
    const propagated = await this.#run(at, rows, needed, options, (tape, steps, row) => {
      const places = tape.at.get(objective.tensor) as number[];
      const { value, weights } = seed(
        rowObjective(objective, row),
        places.map((i) => steps[i] as number),
      );
      const start = new Float64Array(steps.length);
      const isValue = propagation.kind === 'relevance' && propagation.start !== 'one';
      for (const [k, i] of places.entries()) start[i] = (weights[k] as number) * (isValue ? (steps[i] as number) : 1);
      values[row] = value;
      const twin = atBaseline[row] ?? steps;
      before[row] = places.reduce((sum, i, k) => sum + (weights[k] as number) * (twin[i] as number), 0);
      const carried = toyPropagate(tape, steps, twin, start, propagation);
      return wrt.map((name) => (tape.at.get(name) as number[]).map((i) => carried[i] as number));
    });
    return {
      values,
      baselineValues: propagation.kind === 'deep-lift' ? before : null,
      propagated: this.#stack(wrt, propagated),
      canonizers: [],
      isGradient: false,
    };
  }

  structure(): Structure {
    return toyStructure(this.graph, (name) => this.#shape(name));
  }

  async breakpoints(request: BreakpointRequest): Promise<Float64Array> {
    return toyBreakpoints(this.graph, request);
  }

  dispose(): void {}

  async #run<T>(
    feeds: Feeds,
    rows: number,
    wanted: readonly string[],
    { signal }: RunOptions,
    each: (tape: Tape, values: Float64Array, row: number) => T,
  ): Promise<T[]> {
    throwIfAborted(signal);
    this.calls.push(rows);
    const all = { ...this.#lookUp(feeds), ...feeds };
    const tape = this.graph.tape(Object.keys(all), wanted);
    const results: T[] = [];
    for (let row = 0; row < rows; row++) {
      const leaves = Object.fromEntries(
        Object.entries(all).map(([name, feed]) => [
          name,
          this.#whole.has(name) ? toFloat64(feed.data) : rowData(feed, row),
        ]),
      );
      results.push(each(tape, forwardSteps(tape, leaves), row));
    }
    return Promise.resolve(results);
  }

  #lookUp(feeds: Feeds): Feeds {
    const found: Record<string, Tensor> = {};
    for (const [name, { table, output }] of Object.entries(this.#embeddings)) {
      const ids = feeds[name];
      if (ids === undefined || feeds[output] !== undefined) continue;
      found[output] = float64(
        [...ids.shape, table[0]?.length ?? 0],
        Array.from(toFloat64(ids.data)).flatMap((id) => [...(table[id] as readonly number[])]),
      );
    }
    return found;
  }

  #rows(feeds: Feeds): number {
    let rows = 1;
    for (const [name, { shape }] of Object.entries(feeds)) {
      if (!this.#whole.has(name)) rows = Math.max(rows, shape[0] ?? 1);
      else if (!sameShape(shape, this.#shape(name))) throw new Error(`"${name}" is fed as [${shape.join()}]`);
    }
    return rows;
  }

  #shape(name: string): readonly number[] {
    return this.#shapes.get(name) ?? [this.graph.sizes.get(name) ?? 0];
  }

  #stack(names: readonly string[], rows: readonly (readonly number[][])[]): Outputs {
    return Object.fromEntries(
      names.map((name, k) => [
        name,
        {
          dtype: 'float32' as const,
          shape: [rows.length, ...this.#shape(name)],
          data: Float64Array.from(rows.flatMap((row) => row[k] as number[])),
        },
      ]),
    );
  }
}

function forwardSteps(tape: Tape, leaves: Readonly<Record<string, Float64Array>>): Float64Array {
  const values = new Float64Array(tape.steps.length);
  for (const [i, step] of tape.steps.entries()) {
    if (step.kind === 'number') values[i] = step.value;
    else if (step.kind === 'leaf') values[i] = leaf(leaves, step.tensor, step.index);
    else values[i] = evaluateOperation(step.op, values[step.a] as number, values[step.b] as number);
  }
  return values;
}

function leaf(leaves: Readonly<Record<string, Float64Array>>, tensor: string, index: number): number {
  const value = leaves[tensor]?.[index];
  if (value === undefined) throw new PathwiseError('BAD_ARGUMENT', `nothing is fed for ${tensor}[${index}]`);
  return value;
}

function backward(
  tape: Tape,
  values: Float64Array,
  seeds: ReadonlyMap<string, ArrayLike<number>>,
  wrt: readonly string[],
): number[][] {
  const adjoint = new Float64Array(tape.steps.length);
  for (const [name, weights] of seeds) {
    for (const [k, i] of (tape.at.get(name) as number[]).entries()) {
      adjoint[i] = (adjoint[i] as number) + (weights[k] as number);
    }
  }
  for (let i = tape.steps.length - 1; i >= 0; i--) {
    const step = tape.steps[i];
    const own = adjoint[i] as number;
    if (step?.kind !== 'operation' || own === 0) continue;
    const { a, b, op } = step;
    const [da, db] = derivative(op, values[a] as number, values[b] as number, values[i] as number);
    // Infinity * 0 is NaN here as in any engine; a selection gives nothing to what was not selected.
    const selects = SELECTIONS.has(op);
    if (da !== 0 || !selects) adjoint[a] = (adjoint[a] as number) + own * da;
    if (db !== 0 || BINARY.has(op)) adjoint[b] = (adjoint[b] as number) + own * db;
  }
  return wrt.map((name) => (tape.at.get(name) as number[]).map((i) => adjoint[i] as number));
}

/** Directional derivatives of the wanted tensors; a tensor with a direction of its own takes that one. */
function forwardTangents(
  tape: Tape,
  values: Float64Array,
  directions: ReadonlyMap<string, ArrayLike<number>>,
  wanted: readonly string[],
): number[][] {
  const given = new Map<number, number>();
  for (const [name, direction] of directions) {
    for (const [k, i] of (tape.at.get(name) as number[]).entries()) given.set(i, direction[k] as number);
  }
  const tangent = new Float64Array(tape.steps.length);
  for (const [i, step] of tape.steps.entries()) {
    const own = given.get(i);
    if (own !== undefined) tangent[i] = own;
    if (own !== undefined || step.kind !== 'operation') continue;
    const { a, b, op } = step;
    const [da, db] = derivative(op, values[a] as number, values[b] as number, values[i] as number);
    tangent[i] = (da === 0 ? 0 : da * (tangent[a] as number)) + (db === 0 ? 0 : db * (tangent[b] as number));
  }
  return wanted.map((name) => (tape.at.get(name) as number[]).map((i) => tangent[i] as number));
}

const SELECTIONS: ReadonlySet<Operation> = new Set(['relu', 'abs', 'max', 'min']);
const BINARY: ReadonlySet<Operation> = new Set(['add', 'sub', 'mul', 'div']);

function seed(row: RowObjective, output: readonly number[]): { value: number; weights: ArrayLike<number> } {
  if (row.kind === 'function') {
    const { value, gradient } = row.evaluate(Float64Array.from(output));
    return { value, weights: gradient };
  }
  return { value: output.reduce((sum, v, i) => sum + v * (row.weights[i] as number), 0), weights: row.weights };
}

function rowObjective({ rows }: Objective, row: number): RowObjective {
  return rows[rows.length === 1 ? 0 : row] as RowObjective;
}

function rowData(t: Tensor, row: number): Float64Array {
  const size = sizeOf(t.shape.slice(1));
  const at = t.shape[0] === 1 ? 0 : row;
  return toFloat64(t.data).subarray(at * size, (at + 1) * size);
}

function floatInfo(name: string, shape: readonly number[]): TensorInfo {
  return { name, dtype: 'float32', shape: ['rows', ...shape] };
}

function highestIndex(tensors: Readonly<Record<string, readonly string[]>>, outputs: readonly string[]): number {
  const text = [...Object.values(tensors).flat(), ...outputs].join(' ');
  return Math.max(0, ...Array.from(text.matchAll(/\bx(\d+)/g), (m) => Number(m[1])));
}
