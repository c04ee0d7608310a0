import {
  isFloat,
  PathwiseError,
  rowsOf,
  throwIfAborted,
  toFloat64,
  type Blocker,
  type Capability,
  type DifferentiableModel,
  type Feeds,
  type GradientRequest,
  type GradientResult,
  type InputInfo,
  type Outputs,
  type OutputScale,
  type PullbackRequest,
  type RunOptions,
  type Shape,
  type Structure,
  type Support,
  type Tensor,
  type TensorInfo,
} from '@pathwise/model';
import { evaluateObjective, isLinear, linearCotangent } from '@pathwise/ops';
import { checkGradient } from './gradient-check.ts';
import { bytesOf, recordKernels, silentlyWrong } from './kernels.ts';
import { forwardPass, gradientPass, stack, type Pass } from './passes.ts';
import type { Runner } from './runner.ts';
import type { Tf } from './tf.ts';

/** Bytes of one pass: larger ones are no faster, and what the wasm backend took it keeps. */
const BYTES_PER_PASS = 2 ** 28;
const MOST_ROWS_PER_PASS = 16;

/** What running a model once, for rows of some shapes, has told. */
interface Trace {
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly bytes: number;
  readonly wrong: readonly Blocker[];
}

/**
 * A model that runs in TensorFlow.js, on the backend that is set there. Its gradients are compared with differences
 * before they are used.
 */
export class TfjsModel implements DifferentiableModel {
  readonly engine = 'tfjs';
  readonly inputs: readonly InputInfo[];
  readonly counters = { forward: 0, gradient: 0 };
  readonly #tf: Tf;
  readonly #runner: Runner;
  readonly #traces = new Map<string, Trace>();
  readonly #checked = new Map<string, Promise<void>>();
  #refused: readonly Blocker[] = [];

  constructor(tf: Tf, runner: Runner) {
    this.#tf = tf;
    this.#runner = runner;
    this.inputs = runner.inputs.map(({ name, dtype, shape, embedding }) => {
      const [first, ...sizes] = shape;
      if (first !== -1 && first !== 1) {
        throw new PathwiseError(
          'UNSUPPORTED_OP',
          `engine "tfjs": input "${name}" of shape [${shape.join(',')}] has a fixed number of rows; only 1 or an open one is supported`,
          { tensor: name },
        );
      }
      return {
        name,
        dtype,
        batched: true,
        shape: ['batch', ...sizes.map((size, i) => (size === -1 ? `${name}_axis_${i + 1}` : size))],
        attributedAt: isFloat(dtype) ? name : embedding,
        ...(sizes.length > 1 && isFloat(dtype) && { channelsLast: true }),
      };
    });
    // Shapes that are known by themselves tell at once what stands in the way.
    if (runner.inputs.every(({ shape }) => !shape.slice(1).includes(-1))) this.#refused = this.#trace({}).wrong;
  }

  get outputs(): readonly TensorInfo[] {
    const [trace] = this.#traces.values();
    return this.#runner.outputs.map(({ name, dtype, shape }) => {
      const sizes = trace?.shapes.get(name)?.slice(1) ?? shape.slice(1);
      return { name, dtype, shape: ['batch', ...sizes.map((d, i) => (d === -1 ? `${name}_axis_${i + 1}` : d))] };
    });
  }

  supports(capability: Capability): Support {
    if (capability === 'predict') return { ok: true };
    if (capability === 'gradient')
      return this.#refused.length === 0 ? { ok: true } : { ok: false, missing: this.#refused };
    const reason = `the engine tfjs offers no "${capability}"; the engine wasm does`;
    return { ok: false, missing: [{ node: 'model', op: 'tfjs', reason }] };
  }

  bytesPerRow(feeds: Feeds): number {
    return Math.max(1, this.#trace(feeds).bytes);
  }

  async forward(feeds: Feeds, wanted?: readonly string[], options: RunOptions = {}): Promise<Outputs> {
    const names = wanted ?? this.outputs.map(({ name }) => name);
    const values = await this.#values(feeds, names, options);
    this.counters.forward += countRows(feeds);
    return Object.fromEntries(names.map((name, i) => [name, values[i] as Tensor]));
  }

  async gradient(request: GradientRequest, options: RunOptions = {}): Promise<GradientResult> {
    const { objective, wrt, wanted = [] } = request;
    const { tensor } = objective;
    const rows = countRows(request.feeds);
    const feeds = await this.#withEmbeddings(request.feeds, wrt, options);
    await this.#check(feeds, [tensor], wrt);
    const shape =
      this.#trace(feeds).shapes.get(tensor) ?? (await this.forward(feeds, [tensor], options))[tensor]!.shape;
    const cotangent = isLinear(objective)
      ? linearCotangent(objective, rows, [1, ...shape.slice(1)])
      : evaluateObjective(objective, (await this.forward(feeds, [tensor], options))[tensor] as Tensor).cotangent;
    const found = await this.#gradients(feeds, { [tensor]: cotangent }, wrt, [tensor, ...wanted], options);
    this.counters.gradient += rows;
    const { values } = evaluateObjective(objective, found.tensors[tensor] as Tensor);
    assertFinite(values, found.gradients, rows);
    return {
      values,
      gradients: found.gradients,
      tensors: Object.fromEntries(wanted.map((name) => [name, found.tensors[name] as Tensor])),
    };
  }

  async pullback({ feeds, cotangents, wrt }: PullbackRequest, options: RunOptions = {}): Promise<Outputs> {
    const full = await this.#withEmbeddings(feeds, wrt, options);
    await this.#check(full, Object.keys(cotangents), wrt);
    return (await this.#gradients(full, cotangents, wrt, [], options)).gradients;
  }

  /** Nothing is known of the inside: no part is affine, and everything may depend on everything. */
  structure(feeds: Feeds): Structure {
    const { shapes } = this.#trace(feeds);
    const dtypes = new Map([...this.inputs, ...this.#runner.outputs].map(({ name, dtype }) => [name, dtype]));
    const reason = 'models that run on the engine tfjs are not looked into';
    return {
      tensor: (name) => {
        const shape = shapes.get(name);
        return shape === undefined ? undefined : { dtype: dtypes.get(name) ?? 'float32', shape };
      },
      tensors: [...shapes.keys()],
      reaches: () => true,
      bypass: (layer, from, target) => ({ from: from[0] ?? layer[0] ?? '', to: target }),
      affineFrontier: (moving) => moving,
      pathKind: () => ({ kind: 'mixed', blockers: [{ node: 'model', op: 'tfjs', reason }] }),
    };
  }

  outputTensor(name?: string, scale?: OutputScale): { readonly tensor: string; readonly note?: string } {
    const known = this.#runner.outputs.map((output) => output.name);
    const output = name ?? known[0];
    if (output === undefined || !known.includes(output)) {
      throw new PathwiseError('BAD_ARGUMENT', `the model has no output "${output}"; its outputs: ${known.join(', ')}`);
    }
    if (scale === undefined) return { tensor: output };
    const { op, before } = this.#runner.ending(output);
    if (scale === 'logit' && op === 'other') return { tensor: output };
    if (scale === 'logit' && before !== null) {
      return { tensor: before, note: `the model ends in ${op}; its input "${before}" is explained` };
    }
    if (scale === 'probability' && op !== 'other') return { tensor: output };
    throw new PathwiseError(
      'UNSUPPORTED_METHOD',
      `output "${output}" cannot be had as ${scale} on the engine tfjs. Explain it as it is, or use the engine wasm`,
      { tensor: output },
    );
  }

  /** The user's model stays the user's. */
  dispose(): void {
    this.#traces.clear();
    this.#checked.clear();
  }

  /** Runs the model once, to see what it does with one row; values do not matter. */
  #trace(feeds: Feeds): Trace {
    const shapes = this.#runner.inputs.map(({ name, shape, embedding }): Shape => {
      const given = feeds[name]?.shape.slice(1) ?? feeds[embedding ?? '']?.shape.slice(1, -1) ?? shape.slice(1);
      if (given.includes(-1)) {
        throw new PathwiseError('BAD_SHAPE', `input "${name}": its shape [${shape.join(',')}] is open. Give a value`, {
          tensor: name,
        });
      }
      return [1, ...given];
    });
    const key = JSON.stringify(shapes);
    const known = this.#traces.get(key);
    if (known !== undefined) return known;
    const [tf, runner] = [this.#tf, this.#runner];
    const sizes = new Map(runner.inputs.map(({ name }, i) => [name, shapes[i] as Shape]));
    const inner = runner.inputs.flatMap(({ embedding }) => (embedding === null ? [] : [embedding]));
    const wanted = [...runner.outputs.map(({ name }) => name), ...inner];
    let trace: Trace | undefined;
    tf.tidy(() => {
      const calls = recordKernels(tf, () => {
        const fed = runner.inputs.map(({ name, dtype }, i) => {
          const shape = shapes[i] as Shape;
          const size = shape.reduce((n, d) => n * d, 1);
          const values = isFloat(dtype) ? new Float32Array(size) : new Int32Array(size);
          return [name, tf.tensor(values, shape, isFloat(dtype) ? 'float32' : dtype)] as const;
        });
        for (const [i, value] of runner.evaluate(tf, new Map(fed), wanted).entries()) {
          sizes.set(wanted[i] as string, [...value.shape]);
        }
      });
      trace = { shapes: sizes, bytes: bytesOf(calls), wrong: silentlyWrong(calls, tf.getBackend()) };
    });
    this.#traces.set(key, trace as unknown as Trace);
    return trace as unknown as Trace;
  }

  async #values(feeds: Feeds, wanted: readonly string[], options: RunOptions = {}): Promise<Tensor[]> {
    const parts: Tensor[][] = [];
    for (const chunk of this.#chunks(feeds)) {
      throwIfAborted(options.signal);
      parts.push(await forwardPass(this.#tf, this.#runner, chunk, wanted));
    }
    return wanted.map((_, i) => stack(parts.map((part) => part[i] as Tensor)));
  }

  /** The feeds, and values of the embeddings that are differentiated by. */
  async #withEmbeddings(feeds: Feeds, wrt: readonly string[], options: RunOptions): Promise<Feeds> {
    const missing = wrt.filter((name) => feeds[name] === undefined);
    if (missing.length === 0) return feeds;
    const inner = this.#runner.inputs.map(({ embedding }) => embedding);
    const unknown = missing.find((name) => !inner.includes(name));
    if (unknown !== undefined) {
      throw new PathwiseError('BAD_ARGUMENT', `tensor "${unknown}" was not given, and is no embedding of the model`, {
        tensor: unknown,
      });
    }
    return { ...feeds, ...(await this.forward(feeds, missing, options)) };
  }

  async #gradients(
    feeds: Feeds,
    cotangents: Feeds,
    wrt: readonly string[],
    wanted: readonly string[],
    options: RunOptions,
  ): Promise<{ gradients: Outputs; tensors: Outputs }> {
    const passes: Pass[] = [];
    const rows = countRows({ ...feeds, ...cotangents });
    const parts = this.#chunks(feeds, rows);
    let from = 0;
    for (const part of parts) {
      throwIfAborted(options.signal);
      const to = from + Math.min(countRows(part), rows - from);
      const own = Object.fromEntries(
        Object.entries(cotangents).map(([name, c]) => [name, c.shape[0] === rows ? rowsOf(c, from, to) : c]),
      );
      passes.push(await gradientPass(this.#tf, this.#runner, part, { cotangents: own, wrt, wanted }));
      from = to;
    }
    const stacked = (names: readonly string[], of: (pass: Pass) => readonly Tensor[]): Outputs =>
      Object.fromEntries(names.map((name, i) => [name, stack(passes.map((pass) => of(pass)[i] as Tensor))]));
    return { gradients: stacked(wrt, (pass) => pass.gradients), tensors: stacked(wanted, (pass) => pass.values) };
  }

  /** The rows in passes of some; feeds of one row are repeated, as TensorFlow.js wants equal batches. */
  #chunks(feeds: Feeds, rows: number = countRows(feeds)): Feeds[] {
    const single = this.#runner.inputs.some(({ shape }) => shape[0] === 1);
    const fitting = Math.floor(BYTES_PER_PASS / this.bytesPerRow(firstRow(feeds)));
    const count = single ? 1 : Math.max(1, Math.min(MOST_ROWS_PER_PASS, fitting));
    const chunks: Feeds[] = [];
    for (let from = 0; from < rows; from += count) {
      const to = Math.min(rows, from + count);
      const part = (t: Tensor): Tensor =>
        t.shape[0] === 1 && rows > 1 ? stack(new Array<Tensor>(to - from).fill(t)) : rowsOf(t, from, to);
      chunks.push(Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, part(t)])));
    }
    return chunks;
  }

  #check(feeds: Feeds, targets: readonly string[], wrt: readonly string[]): Promise<void> {
    const key = JSON.stringify([targets, wrt]);
    let check = this.#checked.get(key);
    if (check === undefined) {
      check = this.#compare(feeds, targets, wrt);
      this.#checked.set(key, check);
    }
    return check;
  }

  /** @throws PathwiseError UNSUPPORTED_OP where the backend cannot differentiate the model, or does so wrongly */
  async #compare(feeds: Feeds, targets: readonly string[], wrt: readonly string[]): Promise<void> {
    const { wrong } = this.#trace(feeds);
    const [first] = wrong;
    if (first !== undefined) throw this.#refusal(`kernel ${first.op}: ${first.reason}`, wrong);
    const found = await checkGradient(
      {
        targets,
        wrt,
        values: (rows) => this.#values(rows, targets),
        gradients: async (row, cotangents) =>
          (await gradientPass(this.#tf, this.#runner, row, { cotangents, wrt, wanted: [] })).gradients,
      },
      firstRow(feeds),
      stack,
    );
    if (found !== null) throw this.#refusal(found.problem, found.missing, found.cause);
  }

  #refusal(problem: string, missing: readonly Blocker[], cause?: unknown): PathwiseError {
    this.#refused = missing;
    const op = missing[0]?.op ?? '';
    return new PathwiseError(
      'UNSUPPORTED_OP',
      `engine "tfjs" does not explain this model on the backend "${this.#tf.getBackend()}": ${problem}. Use another backend, or the engine wasm`,
      op === 'tfjs' || op === '' ? {} : { op },
      { cause },
    );
  }
}

function firstRow(feeds: Feeds): Record<string, Tensor> {
  return Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, rowsOf(t, 0, 1)]));
}

function countRows(feeds: Feeds): number {
  return Math.max(1, ...Object.values(feeds).map(({ shape }) => shape[0] ?? 1));
}

function assertFinite(values: Float64Array, gradients: Outputs, rows: number): void {
  const isBad = (t: Float64Array, row: number): boolean => {
    const size = t.length / rows;
    return t.subarray(row * size, (row + 1) * size).some((v) => !Number.isFinite(v));
  };
  for (let row = 0; row < rows; row++) {
    if (![values, ...Object.values(gradients).map(({ data }) => toFloat64(data))].some((t) => isBad(t, row))) continue;
    throw new PathwiseError(
      'NON_FINITE',
      `row ${row}: TensorFlow.js gives a value or gradient that is not finite. Check the input for NaN and infinities`,
      { row },
    );
  }
}
