import { PathwiseError } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { EvaluationOptions } from '../evaluate/points.ts';
import { inputPaths, type InputPaths } from '../input-paths.ts';
import type { StraightPaths } from '../path.ts';
import { affineImages, imageAdder, affinePart, type AffinePart } from './affine-images.ts';
import type { Coalitions, PlayerCoalitions } from './coalitions.ts';
import { evaluateInputs, evaluateMixed, type MixedJob, type MixedPoint } from './mixed-inputs.ts';
import type { PlayerMap } from './players.ts';

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

export interface CoalitionOptions {
  /** Default all. */
  readonly rows?: readonly number[];
  readonly onDone?: (coalitions: number) => void;
}

/** The game of a request; evaluates the empty coalition. Elements of no player keep their value in it too. */
export async function gameOf(context: Context, players?: PlayerMap): Promise<Game> {
  const { paths, baselines } = await inputPaths(context, context.target.objective);
  const size = paths.moving.reduce((sum, t) => sum + t.size, 0);
  const { method, rows, evaluation, outputAtInput: atInput } = context;
  const game = { method, rows, paths, baselines, evaluation, size, atInput };
  const nobody: Coalitions = {
    count: 1,
    mark: (_, present) => {
      for (let e = 0; e < size; e++) present[e] = players !== undefined && players.ofElement[e] < 0 ? 1 : 0;
    },
    describe: () => 'nobody',
  };
  return { ...game, atBaseline: Array.from(await evaluateCoalitions({ ...game, atBaseline: [] }, nobody)) };
}

/** Coalitions a player from which on its image pays. */
const IMAGES_PAY = 4;

/**
 * v of coalitions, [coalition * rows + row], tile by tile within the byte budget. The mixed input is built by selection,
 * so what a player holds cannot leak where it is absent, not even NaN. Coalitions of players of a model that begins with
 * an affine part are mixed at the end of that part.
 */
export async function evaluateCoalitions(
  game: Game,
  coalitions: Coalitions | PlayerCoalitions,
  { rows = Array.from({ length: game.rows }, (_, row) => row), onDone }: CoalitionOptions = {},
): Promise<Float64Array> {
  const { baselines, paths } = game;
  const values = new Float64Array(coalitions.count * rows.length);
  const add = (coalition: number, at: number, path: number, output: number): void => {
    if (!Number.isFinite(output)) throw notFinite(game, output, rows[at], coalitions.describe(coalition));
    values[coalition * rows.length + at] += baselines.weights[path % baselines.count] * output;
  };
  const part =
    'players' in coalitions && coalitions.count >= IMAGES_PAY * coalitions.players.count
      ? affinePart(paths, coalitions.players.count)
      : null;
  if (part === null || !('players' in coalitions)) {
    await mixInputs(game, coalitions, rows, add, onDone);
    return values;
  }
  for (const [at, row] of rows.entries()) {
    for (let k = 0; k < baselines.count; k++) {
      const path = row * baselines.count + k;
      const done = at * baselines.count + k;
      await mixImages(game, coalitions, part, path, {
        visit: (coalition, output) => add(coalition, at, path, output),
        onDone: (n) => onDone?.(Math.floor((done * coalitions.count + n) / (rows.length * baselines.count))),
      });
    }
  }
  return values;
}

/** Mixes the inputs; all rows and baselines of a coalition stand together. */
async function mixInputs(
  { paths, baselines, evaluation }: Game,
  coalitions: Coalitions,
  rows: readonly number[],
  add: (coalition: number, at: number, path: number, output: number) => void,
  onDone: CoalitionOptions['onDone'],
): Promise<void> {
  const each = rows.length * baselines.count;
  const placeOf = (i: number) => {
    const [coalition, k] = [Math.floor(i / each), i % each];
    const at = Math.floor(k / baselines.count);
    return { coalition, at, path: rows[at] * baselines.count + (k % baselines.count) };
  };
  await evaluateMixed(paths, evaluation, {
    count: coalitions.count * each,
    pointAt: (i): MixedPoint => {
      const { coalition, path } = placeOf(i);
      return { path, selection: coalition };
    },
    select: (coalition, present) => coalitions.mark(coalition, present),
    visit(i, output) {
      const { coalition, at, path } = placeOf(i);
      add(coalition, at, path, output);
    },
    onDone: (points) => onDone?.(Math.floor(points / each)),
  });
}

/** Mixes the images of the players of one path, or its inputs where an image is not finite. */
async function mixImages(
  game: Game,
  coalitions: PlayerCoalitions,
  part: AffinePart,
  path: number,
  job: Pick<MixedJob, 'visit' | 'onDone'>,
): Promise<void> {
  const { paths, evaluation } = game;
  const { players, count } = coalitions;
  const images = await affineImages(paths, path, players, part, evaluation);
  if (images === null) {
    const select = (coalition: number, marks: Uint8Array): void => coalitions.mark(coalition, marks);
    await evaluateMixed(paths, evaluation, { ...job, count, pointAt: (i) => ({ path, selection: i }), select });
    return;
  }
  const none = new Float64Array();
  const moving = part.tensors.map((t) => ({ ...t, from: none, to: none, differentiate: true }));
  const present = new Uint8Array(players.count);
  const add = imageAdder(images);
  await evaluateInputs({ ...paths, moving }, evaluation, {
    ...job,
    count,
    precision: images.base instanceof Float32Array ? 'float32' : 'float64',
    pathOf: () => path,
    fill(i, row) {
      coalitions.members(i, present);
      add(present, row);
    },
  });
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
