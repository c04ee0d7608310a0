import { argumentError, randomNormal, randomPick, streams } from '@pathwise/model';
import type { Windows } from '../coalitions/windows.ts';
import type { InputPaths } from '../input-paths.ts';
import { pathEnd } from '../path.ts';
import type { Source } from '../source.ts';
import { conditionalOf, fitGaussian, type Conditional, type Gaussian } from './gaussian.ts';
import type { Replacement } from './replacement.ts';

/** Covariances of more elements are not estimated. */
const LARGEST_FIT = 1024;
/** Patches that a fit looks at. */
const MOST_PATCHES = 4096;

/** What a group is replaced by: parts of it that are drawn independently of each other, each given its surroundings. */
interface Part {
  readonly gaussian: Gaussian;
  /** Elements of the row that are replaced and those that are known; their places in the Gaussian. */
  readonly unknown: readonly Coordinate[];
  readonly known: readonly Coordinate[];
  /** Equal for equal places in the same Gaussian. */
  readonly key: string;
}

interface Coordinate {
  readonly element: number;
  readonly place: number;
}

/**
 * Values drawn from the normal distribution that the set of baselines suggests, given what surrounds the group: for
 * tables all other columns, for images a border of `padding` pixels. Clipped to the range of the set.
 *
 * @source Zintgraf, Cohen, Adel, Welling 2017, arXiv:1702.04595, section 3.1
 * @throws PathwiseError BAD_ARGUMENT where there is nothing to fit, or too much
 */
export function conditionalReplacement(
  method: string,
  sources: readonly Source[],
  { paths, baselines }: InputPaths,
  groups: Windows,
  options: { readonly samples: number; readonly padding: number; readonly windowed: boolean; readonly seed: number },
): Replacement {
  const { samples, seed } = options;
  if (baselines.count < 2) {
    throw argumentError(method, 'baseline', 'a set of rows to learn a distribution from', `${baselines.count}`);
  }
  // The set of the first row: sets that differ by row would need a fit each.
  const rows = Array.from({ length: baselines.count }, (_, k) => pathEnd(paths, k, 'from'));
  const partsOf = options.windowed
    ? patchParts(method, sources, rows, groups, options)
    : columnParts(method, sources, rows, groups);
  const ranges = rangesOf(rows);
  const conditionals = new Map<string, Conditional>();
  const inputs = new Map<number, Float64Array>();
  return {
    samples,
    weights: new Array<number>(samples).fill(1 / samples),
    drawn: true,
    replace(group, row, sample, values) {
      const input = inputs.get(row) ?? pathEnd(paths, row * baselines.count, 'to');
      inputs.set(row, input);
      let drawn = 0;
      for (const { gaussian, unknown, known, key } of partsOf(group)) {
        const places = (list: readonly Coordinate[]): number[] => list.map(({ place }) => place);
        const conditional = conditionals.get(key) ?? conditionalOf(gaussian, places(unknown), places(known));
        conditionals.set(key, conditional);
        const normals = Float64Array.from(unknown, () =>
          randomNormal(seed, streams.noise, { sample: group * samples + sample, element: drawn++ }),
        );
        const mean = conditional.mean(Float64Array.from(known, ({ element }) => input[element]));
        for (const [i, value] of conditional.sample(mean, normals).entries()) {
          const { element } = unknown[i];
          values[element] = Math.min(ranges.high[element], Math.max(ranges.low[element], value));
        }
      }
    },
  };
}

function rangesOf(rows: readonly Float64Array[]): { readonly low: Float64Array; readonly high: Float64Array } {
  const low = rows[0].slice();
  const high = rows[0].slice();
  for (const row of rows) {
    for (let i = 0; i < row.length; i++) {
      low[i] = Math.min(low[i], row[i]);
      high[i] = Math.max(high[i], row[i]);
    }
  }
  return { low, high };
}

/** All columns together: a group given the others. */
function columnParts(
  method: string,
  sources: readonly Source[],
  rows: readonly Float64Array[],
  groups: Windows,
): (group: number) => readonly Part[] {
  const size = rows[0].length;
  if (sources.some(({ shape }) => shape.length !== 1) || size > LARGEST_FIT) {
    const expected = `windows of an image, or at most ${LARGEST_FIT} columns of a table, for conditional sampling`;
    throw argumentError(method, 'parameter window', expected, `none, and rows of ${size} elements`);
  }
  const gaussian = fitGaussian(rows, size);
  return (group) => {
    const inside = new Set(groups[group]);
    const all = Array.from({ length: size }, (_, element) => ({ element, place: element }));
    const unknown = all.filter(({ element }) => inside.has(element));
    return [{ gaussian, unknown, known: all.filter(({ element }) => !inside.has(element)), key: String(group) }];
  };
}

/** Patches of each channel by itself: a window given a border around it; at the edge of the image the patch is shifted. */
function patchParts(
  method: string,
  sources: readonly Source[],
  rows: readonly Float64Array[],
  groups: Windows,
  { padding, seed }: { readonly padding: number; readonly seed: number },
): (group: number) => readonly Part[] {
  const [channels = 0, height = 0, width = 0] = sources[0].shape;
  if (sources.length !== 1 || sources[0].shape.length !== 3) {
    throw argumentError(method, 'parameter window', 'one image, channels first, for windows', sources[0].shape);
  }
  const inner = boxOf(groups[0], height, width);
  const sides = [inner.height + 2 * padding, inner.width + 2 * padding] as const;
  const fits = sides[0] <= height && sides[1] <= width && sides[0] * sides[1] <= LARGEST_FIT;
  if (!fits || inner.channels !== channels) {
    const expected = `a window of all channels that with its padding fits into ${height} x ${width} and has at most ${LARGEST_FIT} pixels`;
    throw argumentError(method, 'parameter window', expected, `${inner.height} x ${inner.width}, padding ${padding}`);
  }
  const gaussians = Array.from({ length: channels }, (_, channel) =>
    fitGaussian(patchesOf(rows, channel, height, width, sides, seed), sides[0] * sides[1]),
  );
  return (group) => {
    const box = boxOf(groups[group], height, width);
    const top = Math.min(Math.max(box.top - padding, 0), height - sides[0]);
    const left = Math.min(Math.max(box.left - padding, 0), width - sides[1]);
    return gaussians.map((gaussian, channel) => {
      const all = Array.from({ length: sides[0] * sides[1] }, (_, place) => {
        const [r, c] = [top + Math.floor(place / sides[1]), left + (place % sides[1])];
        const isInside = r >= box.top && r < box.top + box.height && c >= box.left && c < box.left + box.width;
        return { element: (channel * height + r) * width + c, place, isInside };
      });
      return {
        gaussian,
        unknown: all.filter(({ isInside }) => isInside),
        known: all.filter(({ isInside }) => !isInside),
        key: [channel, box.top - top, box.left - left, box.height, box.width].join(),
      };
    });
  };
}

interface Box {
  readonly channels: number;
  readonly top: number;
  readonly left: number;
  readonly height: number;
  readonly width: number;
}

/** Elements of a window are in row-major order. */
function boxOf(window: Int32Array, height: number, width: number): Box {
  const [first, last] = [window[0], window[window.length - 1]];
  const [top, left] = [Math.floor(first / width) % height, first % width];
  return {
    channels: Math.floor(last / (height * width)) - Math.floor(first / (height * width)) + 1,
    top,
    left,
    height: (Math.floor(last / width) % height) - top + 1,
    width: (last % width) - left + 1,
  };
}

/** Patches of one channel at all places of all rows, or at random ones. */
function patchesOf(
  rows: readonly Float64Array[],
  channel: number,
  height: number,
  width: number,
  [high, wide]: readonly [number, number],
  seed: number,
): Float64Array[] {
  const places = [rows.length, height - high + 1, width - wide + 1] as const;
  const count = places[0] * places[1] * places[2];
  const at = (row: number, top: number, left: number): Float64Array =>
    Float64Array.from({ length: high * wide }, (_, i) => {
      const [r, c] = [top + Math.floor(i / wide), left + (i % wide)];
      return rows[row][(channel * height + r) * width + c];
    });
  if (count <= MOST_PATCHES) {
    return Array.from({ length: count }, (_, i) =>
      at(Math.floor(i / (places[1] * places[2])), Math.floor(i / places[2]) % places[1], i % places[2]),
    );
  }
  return Array.from({ length: MOST_PATCHES }, (_, sample) => {
    const pick = (axis: 0 | 1 | 2): number =>
      randomPick(seed, streams.pick, places[axis], { sample, element: axis, tensor: channel });
    return at(pick(0), pick(1), pick(2));
  });
}
