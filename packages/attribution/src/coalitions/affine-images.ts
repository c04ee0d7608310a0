import { asFloats, sizeOf, throwIfAborted, type Feeds, type MovingTensor, type Tensor } from '@pathwise/model';
import { rowShape } from '../evaluate/affine-prefix.ts';
import { feedsAt, tileSize, type EvaluationOptions, type FloatVector } from '../evaluate/points.ts';
import { gatherRows } from '../evaluate/rows.ts';
import { featureCount, type StraightPaths } from '../path.ts';
import type { PlayerMap } from './players.ts';

/** Images are built only where they are at most so many times as large as the input: adding them up takes time too. */
const LARGEST_GROWTH = 8;
/** Bytes of the images of all players, if none of them is zero anywhere. */
const MOST_BYTES = 256 * 2 ** 20;

/** The part of a model that is affine in the input, and where it ends. */
export interface AffinePart {
  readonly tensors: readonly Pick<MovingTensor, 'name' | 'shape' | 'size'>[];
}

/** Where the affine part ends; null if there is none, or if its end is too large for images of so many players. */
export function affinePart(paths: StraightPaths, players: number): AffinePart | null {
  if (paths.count === 0) return null;
  const names = paths.moving.map(({ name }) => name);
  const structure = paths.model.structure(feedsAt(paths, [{ path: 0, alpha: 1 }]));
  const { tensor } = paths.objective;
  const found = structure.affineFrontier(names, tensor);
  const frontier = found.length === 0 ? [tensor] : [...found];
  if (frontier.every((name) => names.includes(name))) return null;
  const tensors = frontier.map((name) => ({ name, shape: rowShape(structure.tensor(name)?.shape) }));
  const known = tensors.flatMap(({ name, shape }) =>
    shape === undefined ? [] : [{ name, shape, size: sizeOf(shape) }],
  );
  if (known.length < tensors.length) return null;
  const size = known.reduce((sum, t) => sum + t.size, 0);
  const fits = size <= LARGEST_GROWTH * featureCount(paths) && 8 * size * (players + 1) <= MOST_BYTES;
  return fits ? { tensors: known } : null;
}

/** Of one path: the end of the affine part without any player, and what each adds to it. */
export interface AffineImages {
  readonly base: FloatVector;
  readonly players: readonly Runs[];
}

/** A vector that is zero outside of some runs of elements. */
interface Runs {
  /** First element and length of each run. */
  readonly places: Int32Array;
  readonly values: FloatVector;
}

/**
 * Images of the players of one path: A x_S = A x_none + sum over S of A d_i, A the affine part and d_i the difference that
 * player i makes. So the part is evaluated once a player instead of once a coalition. Null where a value is not finite: it
 * would spread to coalitions that it does not belong to.
 */
export async function affineImages(
  paths: StraightPaths,
  path: number,
  players: PlayerMap,
  { tensors }: AffinePart,
  options: EvaluationOptions,
): Promise<AffineImages | null> {
  const names = tensors.map(({ name }) => name);
  const tile = tileSize(paths, options.maxBytes);
  const size = tensors.reduce((sum, t) => sum + t.size, 0);
  let base: FloatVector | null = null;
  const images: Runs[] = [];
  // Row 0 of all is nobody, row i + 1 player i alone.
  for (let start = 0; start <= players.count; start += tile) {
    throwIfAborted(options.signal);
    const rows = Math.min(tile, players.count + 1 - start);
    const found = await paths.model.forward(feedsOf(paths, path, players, start, rows), names, options);
    const data = tensors.map(({ name }) => asFloats((found[name] as Tensor).data));
    for (let row = 0; row < rows; row++) {
      const joined: FloatVector = data[0] instanceof Float32Array ? new Float32Array(size) : new Float64Array(size);
      let at = 0;
      for (const [k, t] of tensors.entries()) {
        joined.set(data[k].subarray(row * t.size, (row + 1) * t.size), at);
        at += t.size;
      }
      if (!joined.every(Number.isFinite)) return null;
      if (base === null) base = joined;
      else images.push(differenceRuns(joined, base));
    }
  }
  return base === null ? null : { base, players: images };
}

/**
 * Adds up images: the upper half of the players first, then the lower half, each ascending. Coalitions that follow each other
 * mostly share their upper half (by bit mask they do), whose sum is kept.
 */
export function imageAdder({ base, players }: AffineImages): (present: Uint8Array, out: FloatVector) => void {
  const half = Math.floor(players.length / 2);
  const upper = base.slice();
  let kept = '';
  return (present, out) => {
    const key = present.subarray(half).join('');
    if (key !== kept) {
      upper.set(base);
      for (let player = half; player < players.length; player++)
        if (present[player] === 1) addRuns(players[player], upper);
    }
    kept = key;
    out.set(upper);
    for (let player = 0; player < half; player++) if (present[player] === 1) addRuns(players[player], out);
  };
}

function addRuns({ places, values }: Runs, out: FloatVector): void {
  let at = 0;
  for (let run = 0; run < places.length; run += 2) {
    const end = places[run] + places[run + 1];
    for (let i = places[run]; i < end; i++) out[i] += values[at++];
  }
}

/** Gaps up to this length are kept as zeros. */
const LONGEST_GAP = 8;

function differenceRuns(vector: FloatVector, base: FloatVector): Runs {
  const places: number[] = [];
  let last = -Infinity;
  let total = 0;
  for (let i = 0; i < vector.length; i++) {
    if (vector[i] === base[i]) continue;
    if (i - last > LONGEST_GAP) places.push(i, 1);
    else places[places.length - 1] += i - last;
    total += i - last > LONGEST_GAP ? 1 : i - last;
    last = i;
  }
  const values: FloatVector = vector instanceof Float32Array ? new Float32Array(total) : new Float64Array(total);
  let at = 0;
  for (let run = 0; run < places.length; run += 2) {
    for (let i = places[run]; i < places[run] + places[run + 1]; i++) values[at++] = vector[i] - base[i];
  }
  return { places: Int32Array.from(places), values };
}

/** Inputs with one player each, from row `start` on; row 0 holds nobody. */
function feedsOf(
  { moving, fixed }: StraightPaths,
  path: number,
  { ofElement }: PlayerMap,
  start: number,
  rows: number,
): Feeds {
  const feeds: Record<string, Tensor> = {};
  for (const [name, feed] of Object.entries(fixed)) {
    feeds[name] = feed.shape[0] === 1 ? feed : gatherRows(feed, new Array<number>(rows).fill(path));
  }
  let offset = 0;
  for (const { name, shape, size, from, to } of moving) {
    const data = new Float64Array(rows * size);
    for (let row = 0; row < rows; row++) {
      const own = start + row - 1;
      for (let j = 0; j < size; j++) {
        const player = ofElement[offset + j];
        data[row * size + j] = (player < 0 || player === own ? to : from)[path * size + j];
      }
    }
    feeds[name] = { dtype: 'float32', shape: [rows, ...shape], data };
    offset += size;
  }
  return feeds;
}
