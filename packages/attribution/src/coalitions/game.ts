import { PathwiseError } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { EvaluationOptions } from '../evaluate/points.ts';
import { inputPaths, type InputPaths } from '../input-paths.ts';
import type { StraightPaths } from '../path.ts';
import { evaluateMixed, type MixedPoint } from './mixed-inputs.ts';

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
  const { baselines } = game;
  const each = rows.length * baselines.count;
  const values = new Float64Array(coalitions.count * rows.length);
  const placeOf = (i: number): Place => {
    const [coalition, k] = [Math.floor(i / each), i % each];
    const at = Math.floor(k / baselines.count);
    return { coalition, at, path: rows[at] * baselines.count + (k % baselines.count) };
  };
  await evaluateMixed(game.paths, game.evaluation, {
    count: coalitions.count * each,
    pointAt: (i): MixedPoint => {
      const { coalition, path } = placeOf(i);
      return { path, selection: coalition };
    },
    select: (coalition, present) => coalitions.mark(coalition, present),
    visit(i, output) {
      const { coalition, at, path } = placeOf(i);
      if (!Number.isFinite(output)) throw notFinite(game, output, rows[at], coalitions.describe(coalition));
      values[coalition * rows.length + at] += baselines.weights[path % baselines.count] * output;
    },
    onDone: (points) => onDone?.(Math.floor(points / each)),
  });
  return values;
}

interface Place {
  readonly coalition: number;
  /** Place of the row among those evaluated. */
  readonly at: number;
  readonly path: number;
}

/** The error of an output that is not finite. */
export function notFinite(
  { method, paths }: Pick<Game, 'method' | 'paths'>,
  output: number,
  row: number,
  who: string,
): PathwiseError {
  return new PathwiseError(
    'NON_FINITE',
    `${method}: the target is ${output} in row ${row} with ${who} at the input, the others at the baseline`,
    { row, tensor: paths.objective.tensor },
  );
}
