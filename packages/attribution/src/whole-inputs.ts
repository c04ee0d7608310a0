import {
  rowsOf,
  type CurvatureRequest,
  type DifferentiableModel,
  type Feeds,
  type GradientRequest,
  type GradientResult,
  type Objective,
  type OutputScale,
  type Outputs,
  type PropagateRequest,
  type PropagateResult,
  type PullbackRequest,
  type RunOptions,
  type TangentRequest,
  type Tensor,
} from '@pathwise/model';
import { concatRows } from './evaluate/rows.ts';

/**
 * A model whose inputs all have an axis that counts rows: an input that is one example as a whole gets one of size 1,
 * and its rows are evaluated one by one. Models without such inputs are returned as they are.
 */
export function withRowAxes(model: DifferentiableModel): DifferentiableModel {
  const whole = new Set(model.inputs.filter(({ batched }) => !batched).map(({ name }) => name));
  return whole.size === 0 ? model : new RowAxes(model, whole);
}

class RowAxes implements DifferentiableModel {
  readonly #model: DifferentiableModel;
  readonly #whole: ReadonlySet<string>;
  readonly breakpoints?: NonNullable<DifferentiableModel['breakpoints']>;
  readonly tangent?: NonNullable<DifferentiableModel['tangent']>;
  readonly curvature?: NonNullable<DifferentiableModel['curvature']>;
  readonly propagate?: NonNullable<DifferentiableModel['propagate']>;

  constructor(model: DifferentiableModel, whole: ReadonlySet<string>) {
    this.#model = model;
    this.#whole = whole;
    const tangent = model.tangent?.bind(model);
    if (tangent !== undefined) this.tangent = (request, options) => this.#tangentOf(tangent, request, options);
    const curvature = model.curvature?.bind(model);
    if (curvature !== undefined) this.curvature = (request, options) => this.#curvatureOf(curvature, request, options);
    const propagate = model.propagate?.bind(model);
    if (propagate !== undefined) this.propagate = (request, options) => this.#propagateOf(propagate, request, options);
    if (model.breakpoints !== undefined) {
      this.breakpoints = ({ from, to, constants, ...rest }, options) =>
        (model.breakpoints as NonNullable<DifferentiableModel['breakpoints']>)(
          { ...rest, from: this.#row(from, 0), to: this.#row(to, 0), constants: this.#row(constants, 0) },
          options,
        );
    }
  }

  get engine(): string {
    return this.#model.engine;
  }

  get inputs(): DifferentiableModel['inputs'] {
    return this.#model.inputs;
  }

  get outputs(): DifferentiableModel['outputs'] {
    return this.#model.outputs;
  }

  get counters(): DifferentiableModel['counters'] {
    return this.#model.counters;
  }

  bytesPerRow(feeds: Feeds): number {
    return this.#model.bytesPerRow(this.#row(feeds, 0));
  }

  supports(...asked: Parameters<DifferentiableModel['supports']>): ReturnType<DifferentiableModel['supports']> {
    return this.#model.supports(...asked);
  }

  outputTensor(name?: string, scale?: OutputScale, feeds?: Feeds): ReturnType<DifferentiableModel['outputTensor']> {
    return this.#model.outputTensor(name, scale, feeds === undefined ? undefined : this.#row(feeds, 0));
  }

  structure(feeds: Feeds): ReturnType<DifferentiableModel['structure']> {
    return this.#model.structure(this.#row(feeds, 0));
  }

  async forward(feeds: Feeds, wanted?: readonly string[], options?: RunOptions): Promise<Outputs> {
    return stack(await this.#each(feeds, (row) => this.#model.forward(row, wanted, options)));
  }

  async gradient(request: GradientRequest, options?: RunOptions): Promise<GradientResult> {
    const results = await this.#each(request.feeds, (feeds, row, rows) =>
      this.#model.gradient({ ...request, feeds, objective: objectiveOf(request.objective, row, rows) }, options),
    );
    return {
      values: Float64Array.from(results.flatMap(({ values }) => [...values])),
      gradients: stack(results.map(({ gradients }) => gradients)),
      tensors: stack(results.map(({ tensors }) => tensors)),
    };
  }

  async pullback(request: PullbackRequest, options?: RunOptions): Promise<Outputs> {
    const rows = rowCount({ ...request.feeds, ...request.cotangents });
    const results: Outputs[] = [];
    for (let row = 0; row < rows; row++) {
      const cotangents = this.#row(request.cotangents, row);
      results.push(
        await this.#model.pullback({ ...request, feeds: this.#row(request.feeds, row), cotangents }, options),
      );
    }
    return stack(results);
  }

  async #tangentOf(
    tangent: NonNullable<DifferentiableModel['tangent']>,
    { feeds, tangents, wanted }: TangentRequest,
    options?: RunOptions,
  ): Promise<Outputs> {
    const rows = rowCount({ ...feeds, ...tangents });
    const results: Outputs[] = [];
    for (let row = 0; row < rows; row++) {
      results.push(
        await tangent({ feeds: this.#row(feeds, row), tangents: this.#row(tangents, row), wanted }, options),
      );
    }
    return stack(results);
  }

  async #curvatureOf(
    curvature: NonNullable<DifferentiableModel['curvature']>,
    { feeds, objective, directions }: CurvatureRequest,
    options?: RunOptions,
  ): Promise<Outputs> {
    const rows = rowCount({ ...feeds, ...directions });
    const results: Outputs[] = [];
    for (let row = 0; row < rows; row++) {
      const own = objectiveOf(objective, row, rows);
      // Directions count rows also where the input does not.
      const along = Object.entries(directions).map(([name, t]) => [name, rowsOf(t, row, row + 1)] as const);
      const request = { feeds: this.#row(feeds, row), objective: own, directions: Object.fromEntries(along) };
      results.push(await curvature(request, options));
    }
    return stack(results);
  }

  async #propagateOf(
    propagate: NonNullable<DifferentiableModel['propagate']>,
    request: PropagateRequest,
    options?: RunOptions,
  ): Promise<PropagateResult> {
    const { objective, baseline = {} } = request;
    const results = await this.#each(request.feeds, (feeds, row, rows) =>
      propagate(
        { ...request, feeds, objective: objectiveOf(objective, row, rows), baseline: this.#row(baseline, row) },
        options,
      ),
    );
    const [first] = results as [PropagateResult];
    return {
      ...first,
      values: Float64Array.from(results.flatMap(({ values }) => [...values])),
      baselineValues:
        first.baselineValues && Float64Array.from(results.flatMap(({ baselineValues }) => [...(baselineValues ?? [])])),
      propagated: stack(results.map(({ propagated }) => propagated)),
    };
  }

  dispose(): void {
    this.#model.dispose();
  }

  async #each<T>(feeds: Feeds, run: (feeds: Feeds, row: number, rows: number) => Promise<T>): Promise<T[]> {
    const rows = rowCount(feeds);
    const results: T[] = [];
    for (let row = 0; row < rows; row++) results.push(await run(this.#row(feeds, row), row, rows));
    return results;
  }

  /** One row of all feeds, without the axis where the model knows none. */
  #row(feeds: Feeds, row: number): Feeds {
    return Object.fromEntries(
      Object.entries(feeds).map(([name, t]): [string, Tensor] => {
        const one = t.shape[0] === 1 ? t : rowsOf(t, row, row + 1);
        return [name, this.#whole.has(name) ? { ...one, shape: one.shape.slice(1) } : one];
      }),
    );
  }
}

function rowCount(feeds: Feeds): number {
  return Object.values(feeds).reduce((rows, { shape }) => Math.max(rows, shape[0] ?? 1), 1);
}

function objectiveOf({ tensor, rows }: Objective, row: number, count: number): Objective {
  return { tensor, rows: rows.length === count ? rows.slice(row, row + 1) : rows };
}

function stack(results: readonly Outputs[]): Outputs {
  const [first] = results as [Outputs];
  if (results.length === 1) return first;
  return Object.fromEntries(
    Object.keys(first).map((name) => [name, concatRows(results.map((result) => result[name] as Tensor))]),
  );
}
