import { PathwiseError, rowsOf, throwIfAborted, toFloat64, type Tensor } from '@pathwise/model';
import type { Context } from '../context.ts';
import { objectiveValue, tileSize, type EvaluationOptions } from '../evaluate/points.ts';
import { gatherRows } from '../evaluate/rows.ts';
import { inputPaths, type InputPaths } from '../input-paths.ts';
import type { StraightPaths } from '../path.ts';

/**
 * v(S) = F with the elements of S at the input and the others at the baseline; for a set of baselines the weighted
 * mean over the set.
 */
export interface Game {
  readonly method: string;
  readonly rows: number;
  readonly paths: StraightPaths;
  readonly baselines: InputPaths['baselines'];
  readonly evaluation: EvaluationOptions;
  /** Elements of a row, all attributed tensors one after another. */
  readonly size: number;
  /** v(all), one a row. */
  readonly atInput: readonly number[];
  /** v(none), one a row. */
  readonly atBaseline: readonly number[];
}

/** Coalitions to evaluate, in an order of their own. */
export interface Coalitions {
  readonly count: number;
  /** Writes for each element of a row 1 where it keeps its value and 0 where it takes the baseline's. */
  mark(coalition: number, present: Uint8Array): void;
  /** For errors. */
  describe(coalition: number): string;
}

export interface CoalitionOptions {
  /** Default all. */
  readonly rows?: readonly number[];
  readonly onDone?: (coalitions: number) => void;
}

/** The game of a request; evaluates the empty coalition. */
export async function gameOf(context: Context): Promise<Game> {
  const { paths, baselines } = await inputPaths(context, context.target.objective);
  const size = paths.moving.reduce((sum, t) => sum + t.size, 0);
  const { method, rows, evaluation, outputAtInput: atInput } = context;
  const game = { method, rows, paths, baselines, evaluation, size, atInput };
  const nobody = { count: 1, mark: (_: number, present: Uint8Array) => present.fill(0), describe: () => 'nobody' };
  return { ...game, atBaseline: Array.from(await evaluateCoalitions({ ...game, atBaseline: [] }, nobody)) };
}

/**
 * v of coalitions, [coalition * rows + row], tile by tile within the byte budget. The mixed input is built by selection,
 * so what a player holds cannot leak where it is absent, not even NaN.
 */
export async function evaluateCoalitions(
  game: Game,
  coalitions: Coalitions,
  { rows = Array.from({ length: game.rows }, (_, row) => row), onDone }: CoalitionOptions = {},
): Promise<Float64Array> {
  const { paths, baselines, evaluation } = game;
  const each = rows.length * baselines.count;
  const points = coalitions.count * each;
  const tile = tileSize(paths, evaluation.maxBytes);
  const values = new Float64Array(coalitions.count * rows.length);
  const present = new Uint8Array(game.size);
  let marked = -1;
  const presentIn = (coalition: number): Uint8Array => {
    if (coalition !== marked) coalitions.mark(coalition, present);
    marked = coalition;
    return present;
  };
  for (let start = 0; start < points; start += tile) {
    throwIfAborted(evaluation.signal);
    const here = Array.from({ length: Math.min(tile, points - start) }, (_, i): Point => {
      const [coalition, k] = [Math.floor((start + i) / each), (start + i) % each];
      const at = Math.floor(k / baselines.count);
      return { coalition, at, path: rows[at] * baselines.count + (k % baselines.count) };
    });
    const outputs = await outputsAt(paths, here, presentIn, evaluation);
    for (const [i, { coalition, at, path }] of here.entries()) {
      if (!Number.isFinite(outputs[i])) {
        const place = `${coalitions.describe(coalition)} at the input, the others at the baseline`;
        throw new PathwiseError(
          'NON_FINITE',
          `${game.method}: the target is ${outputs[i]} in row ${rows[at]} with ${place}`,
          { row: rows[at], tensor: paths.objective.tensor },
        );
      }
      values[coalition * rows.length + at] += baselines.weights[path % baselines.count] * outputs[i];
    }
    onDone?.(Math.floor(Math.min(points, start + tile) / each));
  }
  return values;
}

interface Point {
  readonly coalition: number;
  /** Place of the row among those evaluated. */
  readonly at: number;
  readonly path: number;
}

async function outputsAt(
  { model, moving, fixed, objective }: StraightPaths,
  points: readonly Point[],
  presentIn: (coalition: number) => Uint8Array,
  options: EvaluationOptions,
): Promise<number[]> {
  const feeds: Record<string, Tensor> = {};
  const ofPoint = points.map(({ path }) => path);
  for (const [name, feed] of Object.entries(fixed)) {
    feeds[name] = feed.shape[0] === 1 ? feed : gatherRows(feed, ofPoint);
  }
  const data = moving.map(({ size }) => new Float64Array(points.length * size));
  for (const [i, { coalition, path }] of points.entries()) {
    const present = presentIn(coalition);
    let offset = 0;
    for (const [k, { from, to, size }] of moving.entries()) {
      for (let j = 0; j < size; j++) {
        data[k][i * size + j] = (present[offset + j] === 1 ? to : from)[path * size + j];
      }
      offset += size;
    }
  }
  for (const [k, { name, shape }] of moving.entries()) {
    feeds[name] = { dtype: 'float32', shape: [points.length, ...shape], data: data[k] };
  }
  const output = (await model.forward(feeds, [objective.tensor], options))[objective.tensor] as Tensor;
  return points.map(({ path }, i) =>
    objectiveValue(objective.rows[objective.rows.length === 1 ? 0 : path], toFloat64(rowsOf(output, i, i + 1).data)),
  );
}
