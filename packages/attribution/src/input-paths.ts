import { rowsOf, toFloat64, type Feeds, type Objective, type Tensor } from '@pathwise/model';
import { resolveBaselines, type Baselines } from './baselines/resolve.ts';
import { forwardRows, type Context } from './context.ts';
import { evaluateOutputs, objectiveValue } from './evaluate/points.ts';
import { gatherRows } from './evaluate/rows.ts';
import type { LateEnds, PathEnds } from './evaluate/integral.ts';
import { isStill, type StraightPaths } from './path.ts';

/** Paths from the baselines to the input: path row * baselines.count + k. */
export interface InputPaths {
  readonly paths: StraightPaths;
  readonly baselines: Baselines;
}

/** Straight paths of all attributed tensors together, for any scalar of the model. */
export async function inputPaths(context: Context, objective: Objective): Promise<InputPaths> {
  const { model, rows, sources, request, inputs } = context;
  const baselines = await resolveBaselines(request, sources, rows, (source, ids) => embed(context, source, ids));
  const rowOfPath = Array.from({ length: rows * baselines.count }, (_, path) => Math.floor(path / baselines.count));
  const repeat = (t: Tensor): Tensor => (t.shape[0] === 1 || baselines.count === 1 ? t : gatherRows(t, rowOfPath));
  const moving = sources.map(({ name, shape, size, values }) => ({
    name,
    shape,
    size,
    from: baselines.values[name],
    to: baselines.count === 1 ? values : repeatRows(values, size, rowOfPath),
    differentiate: true,
  }));
  const moved = new Set(sources.map(({ name }) => name));
  const fixed: Feeds = Object.fromEntries(
    Object.entries(inputs)
      .filter(([name]) => !moved.has(name))
      .map(([name, t]) => [name, repeat(t)]),
  );
  const objectives = objective.rows.length === 1 ? objective.rows : rowOfPath.map((row) => objective.rows[row]);
  const paths: StraightPaths = {
    model,
    count: rowOfPath.length,
    moving,
    fixed,
    objective: { tensor: objective.tensor, rows: objectives },
  };
  return { paths, baselines };
}

/** F at both ends; a path that does not move has F(x) at both. */
export function endsOf(context: Context, path: InputPaths, atInput: readonly number[]): Promise<PathEnds> {
  return lateEnds(context, path, atInput)(path.paths);
}

/**
 * The same when it is first asked for.
 *
 * @param atInput - F(x), one a row; empty where it is not known yet: it is evaluated together with F(x')
 */
export function lateEnds(
  { evaluation }: Context,
  { paths, baselines: { count } }: InputPaths,
  atInput: readonly number[],
): LateEnds {
  const evaluate = async (on: StraightPaths): Promise<PathEnds> => {
    const moves = Array.from({ length: paths.count }, (_, path) => path).filter((path) => !isStill(paths, path));
    const starts = moves.map((path) => ({ path, alpha: 0 }));
    const rows = atInput.length > 0 ? 0 : paths.count / count;
    const inputs = Array.from({ length: rows }, (_, row) => ({ path: row * count, alpha: 1 }));
    const { outputs } = await evaluateOutputs(on, [...starts, ...inputs], evaluation);
    const known = atInput.length > 0 ? atInput : outputs.subarray(starts.length);
    const to = Float64Array.from({ length: paths.count }, (_, path) => known[Math.floor(path / count)]);
    const from = to.slice();
    for (const [i, path] of moves.entries()) from[path] = outputs[i];
    return { from, to };
  };
  let ends: Promise<PathEnds> | undefined;
  return (on) => (ends ??= evaluate(on));
}

/** F of some rows of a tensor. */
export function outputsOf(objective: Objective, t: Tensor): number[] {
  return Array.from({ length: t.shape[0] as number }, (_, row) =>
    objectiveValue(objective.rows[objective.rows.length === 1 ? 0 : row], toFloat64(rowsOf(t, row, row + 1).data)),
  );
}

function repeatRows(values: Float64Array, size: number, rows: readonly number[]): Float64Array {
  const out = new Float64Array(rows.length * size);
  for (const [i, row] of rows.entries()) out.set(values.subarray(row * size, (row + 1) * size), i * size);
  return out;
}

/** The vectors of token ids, one attributed row each; ids may be of more rows than the request has. */
async function embed(context: Context, source: Context['sources'][number], ids: Float64Array): Promise<Float64Array> {
  const { inputs, model, evaluation } = context;
  const own = inputs[source.input];
  const tokens = own.shape.slice(1).reduce((a, b) => a * b, 1);
  const count = ids.length / tokens;
  const data = own.data instanceof BigInt64Array ? BigInt64Array.from(ids, BigInt) : Int32Array.from(ids);
  const feed: Tensor = { ...own, shape: [count, ...own.shape.slice(1)], data };
  const others = Object.entries(inputs).map(([name, t]): [string, Tensor] => [
    name,
    t.shape[0] === 1 || t.shape[0] === count ? t : rowsOf(t, 0, 1),
  ]);
  const feeds = { ...Object.fromEntries(others), [source.input]: feed };
  const found = await forwardRows(model, feeds, count, [source.name], evaluation);
  return toFloat64(found[source.name].data);
}
