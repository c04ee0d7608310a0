import {
  asFloats,
  type DifferentiableModel,
  type Feeds,
  type GradientRequest,
  type GradientResult,
  type GradientVector,
  type OutputScale,
  type PathBundle,
  type PathJob,
  type PathPoint,
  type PathSums,
  type RunOptions,
  type Tensor,
} from '@pathwise/model';
import { feedsAt, gatherRows } from '@pathwise/attribution';
import type { MarginModel } from './margin-model.ts';

/** Points that are looked at together. */
const TILE = 64;

/**
 * A model in float32 that evaluates gradients in float64 where float32 cannot decide: at points at which a rectifier is
 * within rounding of 0, or two places of a pooling window of each other. The gradient jumps there, and on which side of the
 * jump float32 falls is chance. Counters count points, each once.
 */
export function decidedModel(
  fast: DifferentiableModel,
  margins: MarginModel,
  precise: () => DifferentiableModel,
): DifferentiableModel {
  const integrate = fast.integrate?.bind(fast);
  const tangent = fast.tangent?.bind(fast);
  // An engine that is chosen on the way may have become the precise one.
  const undecided: MarginModel['undecided'] = async (feeds, targets, options) =>
    fast.engine === precise().engine ? [] : margins.undecided(feeds, targets, options);
  return {
    get engine() {
      return fast.engine;
    },
    get inputs() {
      return fast.inputs;
    },
    get outputs() {
      return fast.outputs;
    },
    get counters() {
      return fast.counters;
    },
    bytesPerRow: (feeds) => fast.bytesPerRow(feeds),
    supports: (capability, request) => fast.supports(capability, request),
    forward: (feeds, wanted, options) => fast.forward(feeds, wanted, options),
    pullback: (request, options) => fast.pullback(request, options),
    structure(feeds) {
      const structure = fast.structure(feeds);
      // The ends of an inner path would be rounded, and decisions close to them be those of the rounded path.
      return margins.looksAt(feeds) ? { ...structure, affineFrontier: (moving) => [...moving] } : structure;
    },
    outputTensor(name?: string, scale?: OutputScale, feeds?: Feeds) {
      // A scale adds tensors to the graph.
      if (scale !== undefined) for (const other of [margins, precise()]) other.outputTensor(name, scale, feeds);
      return fast.outputTensor(name, scale, feeds);
    },
    dispose(): void {
      fast.dispose();
      margins.dispose();
    },
    ...(fast.curvature !== undefined && { curvature: fast.curvature.bind(fast) }),
    ...(fast.propagate !== undefined && { propagate: fast.propagate.bind(fast) }),
    ...(fast.breakpoints !== undefined && { breakpoints: fast.breakpoints.bind(fast) }),
    async gradient(request: GradientRequest, options?: RunOptions): Promise<GradientResult> {
      const result = await fast.gradient(request, options);
      const { feeds, objective } = request;
      const rows = await undecided(feeds, [objective.tensor], options);
      if (rows.length === 0) return result;
      const own = await precise().gradient(
        {
          ...request,
          feeds: rowsOfFeeds(feeds, rows),
          objective: {
            ...objective,
            rows: objective.rows.length === 1 ? objective.rows : rows.map((row) => objective.rows[row]!),
          },
        },
        options,
      );
      return { ...result, gradients: replaceRows(result.gradients, own.gradients, rows) };
    },
    ...(tangent !== undefined && {
      async tangent(request: Parameters<typeof tangent>[0], options?: RunOptions) {
        const outputs = await tangent(request, options);
        const rows = await undecided(request.feeds, request.wanted, options);
        const exact = precise();
        if (rows.length === 0 || exact.tangent === undefined) return outputs;
        const [feeds, tangents] = [rowsOfFeeds(request.feeds, rows), rowsOfFeeds(request.tangents, rows)];
        return replaceRows(outputs, await exact.tangent({ ...request, feeds, tangents }, options), rows);
      },
    }),
    ...(integrate !== undefined && {
      async integrate(job: PathJob, options?: RunOptions): Promise<PathSums | null> {
        const indices = await undecidedPoints(undecided, job, options);
        if (indices.length === 0) return integrate(job, options);
        const vectors = await gradientsAt(precise(), job, indices, options);
        const { points, weights, visit } = job;
        const sums = await integrate(
          {
            ...job,
            weights: weights?.map((list) => list.map((weight, i) => (vectors.has(i) ? 0 : weight))) ?? null,
            visit: (i, output, gradient) => visit(i, output, gradient === null ? null : (vectors.get(i) ?? gradient)),
          },
          options,
        );
        if (sums === null || weights === null) return sums;
        for (const [i, vector] of vectors) {
          const totals = sums.get(points[i]!.path)!;
          for (const [k, total] of totals.entries()) {
            const weight = weights[k]![i]!;
            for (let j = 0; j < total.length; j++) total[j]! += weight * vector[j]!;
          }
        }
        return sums;
      },
    }),
  };
}

/** Indices of the points of a job at which float32 cannot decide, ascending. */
async function undecidedPoints(
  undecided: MarginModel['undecided'],
  { paths, points }: PathJob,
  options?: RunOptions,
): Promise<number[]> {
  const found: number[] = [];
  for (let start = 0; start < points.length; start += TILE) {
    const here = points.slice(start, start + TILE);
    const rows = await undecided(feedsAt(paths, here), [paths.objective.tensor], options);
    found.push(...rows.map((row) => start + row));
  }
  return found;
}

/** Gradients at some points of a job, by their indices. */
async function gradientsAt(
  model: DifferentiableModel,
  { paths, points }: PathJob,
  indices: readonly number[],
  options?: RunOptions,
): Promise<Map<number, GradientVector>> {
  const vectors = new Map<number, GradientVector>();
  const wrt = paths.moving.filter(({ differentiate }) => differentiate);
  for (let start = 0; start < indices.length; start += TILE) {
    const here = indices.slice(start, start + TILE);
    const at = here.map((i) => points[i]!);
    const { gradients } = await model.gradient(
      { feeds: feedsAt(paths, at), objective: objectiveAt(paths, at), wrt: wrt.map(({ name }) => name) },
      options,
    );
    for (const [row, i] of here.entries()) {
      const parts = wrt.map(({ name, size }) => asFloats(gradients[name]!.data).subarray(row * size, (row + 1) * size));
      const vector = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
      let end = 0;
      for (const part of parts) {
        vector.set(part, end);
        end += part.length;
      }
      vectors.set(i, vector);
    }
  }
  return vectors;
}

function objectiveAt({ objective }: PathBundle, points: readonly PathPoint[]): PathBundle['objective'] {
  const { rows } = objective;
  return { ...objective, rows: rows.length === 1 ? rows : points.map(({ path }) => rows[path]!) };
}

function rowsOfFeeds(feeds: Feeds, rows: readonly number[]): Feeds {
  return Object.fromEntries(
    Object.entries(feeds).map(([name, feed]) => [name, feed.shape[0] === 1 ? feed : gatherRows(feed, rows)]),
  );
}

/** The tensors with some rows as others have them, in float64. */
function replaceRows(
  tensors: Readonly<Record<string, Tensor>>,
  others: Readonly<Record<string, Tensor>>,
  rows: readonly number[],
): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) => {
      const data = Float64Array.from(asFloats(tensor.data));
      const size = data.length / tensor.shape[0]!;
      const other = asFloats(others[name]!.data);
      for (const [k, row] of rows.entries()) data.set(other.subarray(k * size, (k + 1) * size), row * size);
      return [name, { dtype: 'float64', shape: tensor.shape, data }];
    }),
  );
}
