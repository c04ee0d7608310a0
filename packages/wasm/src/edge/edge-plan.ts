import { argumentError, PathwiseError, shapeError, sizeOf, throwIfAborted, type Tensor } from '@pathwise/model';
import { quadrature, type QuadratureRule } from '@pathwise/attribution/quadrature';
import { resolveTarget } from '@pathwise/attribution/target';
import { LANES } from '../compile/plan-file.ts';
import type { Core } from '../core.ts';
import { Job } from '../path/job.ts';
import type { InputEnds } from '../path/task.ts';
import type { PlanInfo, PlanPort } from './plan-info.ts';

/** Values of one row: of the only input, or by input name; in the order of the input's shape. */
export type PlanInput = ArrayLike<number> | Readonly<Record<string, ArrayLike<number>>>;

/** The largest element (`top1`), an element, a difference of two, the sum, or a weighted sum of the output. */
export type PlanTarget =
  | number
  | 'top1'
  | 'sum'
  | { readonly contrast: readonly [number, number] }
  | { readonly weights: ArrayLike<number> };

export interface AttributeOptions {
  /** Default: the target that the plan was compiled with, else `top1`. */
  readonly target?: PlanTarget;
  /** Where the path begins: one value for all elements (default 0), or values as for the input. */
  readonly baseline?: number | PlanInput;
  /** Steps of the rule; default 50. */
  readonly steps?: number;
  /** Default `gauss-legendre`. */
  readonly quadrature?: QuadratureRule;
  /** Points between two moments at which others are heard and `signal` is looked at; default 64, in tiles of 8. */
  readonly pointsPerSlice?: number;
  readonly signal?: AbortSignal;
}

export interface PlanAttribution {
  /** By attributed input; its shape, float32, in units of the output. */
  readonly attributions: Readonly<Record<string, Tensor>>;
  /** In words. */
  readonly target: string;
  readonly outputAtInput: number;
  readonly outputAtBaseline: number;
  /** Sum of the attributions minus the difference of the outputs: what the rule missed. */
  readonly convergenceDelta: number;
  /** Points at which the gradient was computed. */
  readonly points: number;
}

const DEFAULT_STEPS = 50;
const DEFAULT_POINTS_PER_SLICE = 64;

/** A compiled model in a core of its own. One attribution is computed at a time; others wait. */
export class EdgePlan {
  readonly info: PlanInfo;
  readonly #core: Core;
  readonly #handle: number;
  #last: Promise<unknown> = Promise.resolve();

  /** Use `openPlan`. */
  constructor(core: Core, handle: number, info: PlanInfo) {
    this.#core = core;
    this.#handle = handle;
    this.info = info;
  }

  /** Bytes of the core's memory now. */
  get memoryBytes(): number {
    return this.#core.memoryBytes;
  }

  /**
   * The output for one row, in the order of its shape.
   * @throws PathwiseError BAD_ARGUMENT, BAD_SHAPE; BUDGET
   */
  predict(input: PlanInput): Float32Array {
    return this.#forward(this.info.inputs.map((port) => valuesOf(port, input, this.info)));
  }

  /**
   * Integrated Gradients of one row along the straight path from the baseline, by a fixed rule.
   *
   * @throws PathwiseError BAD_ARGUMENT, BAD_SHAPE, NON_FINITE, BUDGET; CANCELLED once `signal` is aborted
   * @source Sundararajan, Taly, Yan 2017, Axiomatic Attribution for Deep Networks, arXiv:1703.01365, equation 1
   */
  attribute(input: PlanInput, options: AttributeOptions = {}): Promise<PlanAttribution> {
    const mine = this.#last.then(() => this.#attribute(input, options));
    this.#last = mine.catch(() => {});
    return mine;
  }

  async #attribute(input: PlanInput, options: AttributeOptions): Promise<PlanAttribution> {
    const { info } = this;
    const { steps = DEFAULT_STEPS, signal } = options;
    throwIfAborted(signal);
    const slice = sliceOf(options.pointsPerSlice);
    const { alphas, weights } = quadrature(options.quadrature ?? 'gauss-legendre', steps);
    const inputs = info.inputs.map((port) => valuesOf(port, input, info));
    const moving = info.inputs.map(({ name }) => info.attributed.includes(name));
    const from = info.inputs.map((port, i) => (moving[i] ? baselineOf(port, options.baseline ?? 0, info) : inputs[i]));
    const output = this.#forward(inputs);
    const { shape } = info.output;
    const { weights: target, description } = targetOf(options.target ?? info.target ?? 'top1', info, output);
    const ends: InputEnds[] = inputs.map((to, i) => ({ from: from[i], to: moving[i] ? to : null }));
    const sums = await this.#integrate([...ends, { from: target, to: null }], alphas, weights, slice, signal);
    const [outputAtInput, outputAtBaseline] = [output, this.#forward(from)].map((values) => dot(target, values));
    let at = 0;
    let total = 0;
    const attributions: Record<string, Tensor> = {};
    for (const name of info.attributed) {
      const i = info.inputs.findIndex((port) => port.name === name);
      const { length } = inputs[i];
      const data = Float32Array.from({ length }, (_, k) => (inputs[i][k] - from[i][k]) * sums[at + k]);
      for (let k = 0; k < length; k++) total += (inputs[i][k] - from[i][k]) * sums[at + k];
      attributions[name] = { dtype: 'float32', shape: info.inputs[i].shape, data };
      at += length;
    }
    if (!Number.isFinite(outputAtInput) || !Number.isFinite(outputAtBaseline)) {
      throw new PathwiseError('NON_FINITE', `plan: ${description} is not finite at the input or the baseline`);
    }
    const convergenceDelta = total - (outputAtInput - outputAtBaseline);
    return {
      attributions,
      target: shape.length === 0 ? info.output.name : description,
      outputAtInput,
      outputAtBaseline,
      convergenceDelta,
      points: alphas.length,
    };
  }

  /** The weighted sum of the gradients at the points, tile after tile. */
  async #integrate(
    inputs: readonly InputEnds[],
    alphas: Float64Array,
    weights: Float64Array,
    slice: number,
    signal: AbortSignal | undefined,
  ): Promise<Float64Array> {
    const job = new Job(this.#core, this.#handle, this.info.inputs.length, 1);
    try {
      let sum: Float64Array = new Float64Array(0);
      for (let from = 0; from < alphas.length; from += LANES) {
        if (from > 0 && from % slice === 0) await new Promise((resolve) => setTimeout(resolve, 0));
        throwIfAborted(signal);
        const to = Math.min(from + LANES, alphas.length);
        const { sums } = job.run({
          paths: from === 0 ? [{ slot: 0, inputs }] : [],
          begin: from === 0 ? [0] : [],
          slots: new Uint32Array(to - from),
          alphas: alphas.subarray(from, to),
          weights: weights.subarray(from, to),
          finish: to === alphas.length ? [0] : [],
        });
        if (to === alphas.length) [sum] = sums[0];
      }
      return sum;
    } finally {
      job.free();
    }
  }

  /** The output at one row. Weights of the target are 0: nothing reads the gradients. */
  #forward(inputs: readonly Float64Array[]): Float32Array {
    const { info } = this;
    const core = this.#core;
    const size = sizeOf(info.output.shape);
    const rows = inputs.reduce((sum, { length }) => sum + length, 0);
    const results = info.attributed.reduce(
      (sum, name) => sum + inputs[info.inputs.findIndex((port) => port.name === name)].length,
      size,
    );
    const at = core.allocate(4 * (rows + size + results));
    try {
      const all = core.floats(at, rows + size).fill(0);
      let offset = 0;
      for (const values of inputs) {
        all.set(values, offset);
        offset += values.length;
      }
      const outputAt = at + 4 * (rows + size);
      core.forward(this.#handle, 1, at, outputAt);
      return core.floats(outputAt, size).slice();
    } finally {
      core.free(at);
    }
  }
}

/** Values of one input, rounded to the float32 that the core computes with. */
function valuesOf({ name, shape }: PlanPort, input: PlanInput, { inputs }: PlanInfo): Float64Array {
  const isOne = typeof (input as ArrayLike<number>).length === 'number';
  if (isOne && inputs.length > 1) {
    throw argumentError('plan', 'the input', `values by name (${inputs.map((i) => i.name).join(', ')})`, 'one list');
  }
  const given = isOne ? (input as ArrayLike<number>) : (input as Readonly<Record<string, ArrayLike<number>>>)[name];
  if (given?.length !== sizeOf(shape)) throw shapeError('plan', name, `[${shape.join(',')}]`, [given?.length ?? 0]);
  const values = Float64Array.from(given);
  const bad = values.find((value) => !Number.isFinite(value));
  if (bad !== undefined) throw argumentError('plan', `values of ${name}`, 'finite numbers', bad);
  return values;
}

function baselineOf(port: PlanPort, baseline: number | PlanInput, info: PlanInfo): Float64Array {
  if (typeof baseline === 'number') return new Float64Array(sizeOf(port.shape)).fill(baseline);
  return valuesOf(port, baseline, info);
}

function targetOf(
  target: PlanTarget,
  { output }: PlanInfo,
  values: Float32Array,
): { readonly weights: Float64Array; readonly description: string } {
  const batched = output.shape[0] === 1 ? output.shape : [1, ...output.shape];
  const own =
    typeof target === 'object' && 'weights' in target ? { weights: Float64Array.from(target.weights) } : target;
  const resolved = resolveTarget(own, output.name, output.name, { dtype: 'float32', shape: batched, data: values });
  const [row] = resolved.objective.rows;
  if (row.kind !== 'linear') throw argumentError('plan', 'target', 'a weighted sum of outputs', row.kind);
  return { weights: row.weights, description: resolved.descriptions[0] };
}

function sliceOf(points: number = DEFAULT_POINTS_PER_SLICE): number {
  if (!Number.isInteger(points) || points < LANES) {
    throw argumentError('plan', 'pointsPerSlice', `an integer of at least ${LANES}`, points);
  }
  return points - (points % LANES);
}

function dot(weights: Float64Array, values: Float32Array): number {
  return weights.reduce((sum, weight, i) => (weight === 0 ? sum : sum + weight * values[i]), 0);
}
