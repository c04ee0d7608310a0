import { joinPieces } from './join-pieces.ts';

export interface SlicOptions {
  /** Segments asked for; how many there are in the end depends on the image. */
  readonly segments: number;
  /** Weight of distance in the plane against distance in colour. */
  readonly compactness: number;
}

const ITERATIONS = 10;

interface Centre {
  row: number;
  column: number;
  readonly colour: number[];
}

/**
 * Superpixels: a label for each pixel, from 0 in the order of their first pixels. Centres on a grid of step
 * S = sqrt(pixels / segments) move to the least colour gradient near them; ten times every pixel joins the nearest centre
 * within S, by colour distance^2 + (compactness / S)^2 distance^2, and centres become means. Pieces that are not connected to
 * their segment, and small ones, join the neighbour with the longest border.
 *
 * @param colours - one list of all pixels a colour axis, in row-major order
 * @source Achanta, Shaji, Smith, Lucchi, Fua, Susstrunk 2012, SLIC superpixels, algorithm 1; joining pieces is ours
 */
export function slic(
  colours: readonly Float64Array[],
  height: number,
  width: number,
  { segments, compactness }: SlicOptions,
): Int32Array {
  const pixels = height * width;
  const step = Math.sqrt(pixels / segments);
  const centres = startingCentres(colours, height, width, step);
  const weight = (compactness / step) ** 2;
  const labels = new Int32Array(pixels);
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    assign(colours, height, width, centres, step, weight, labels);
    moveToMeans(colours, width, centres, labels);
  }
  return joinPieces(labels, height, width, pixels / (4 * segments));
}

function startingCentres(colours: readonly Float64Array[], height: number, width: number, step: number): Centre[] {
  const centres: Centre[] = [];
  for (let row = step / 2; row < height; row += step) {
    for (let column = step / 2; column < width; column += step) {
      const [r, c] = flattest(colours, height, width, Math.ceil(row) - 1, Math.ceil(column) - 1);
      centres.push({ row: r, column: c, colour: colours.map((axis) => axis[r * width + c]) });
    }
  }
  return centres;
}

/** The pixel of 3 x 3 whose neighbours differ least; the middle, then the first, where several do. */
function flattest(
  colours: readonly Float64Array[],
  height: number,
  width: number,
  row: number,
  column: number,
): [number, number] {
  const gradient = (r: number, c: number): number => {
    const [up, down] = [Math.max(0, r - 1), Math.min(height - 1, r + 1)];
    const [left, right] = [Math.max(0, c - 1), Math.min(width - 1, c + 1)];
    return colours.reduce(
      (sum, axis) =>
        sum +
        (axis[down * width + c] - axis[up * width + c]) ** 2 +
        (axis[r * width + right] - axis[r * width + left]) ** 2,
      0,
    );
  };
  let best: [number, number] = [row, column];
  let least = gradient(row, column);
  for (let r = Math.max(0, row - 1); r <= Math.min(height - 1, row + 1); r++) {
    for (let c = Math.max(0, column - 1); c <= Math.min(width - 1, column + 1); c++) {
      const own = gradient(r, c);
      if (own < least) [least, best] = [own, [r, c]];
    }
  }
  return best;
}

function assign(
  colours: readonly Float64Array[],
  height: number,
  width: number,
  centres: readonly Centre[],
  step: number,
  weight: number,
  labels: Int32Array,
): void {
  const nearest = new Float64Array(labels.length).fill(Infinity);
  for (const [k, { row, column, colour }] of centres.entries()) {
    for (let r = Math.max(0, Math.ceil(row - step)); r <= Math.min(height - 1, row + step); r++) {
      for (let c = Math.max(0, Math.ceil(column - step)); c <= Math.min(width - 1, column + step); c++) {
        const pixel = r * width + c;
        let distance = weight * ((r - row) ** 2 + (c - column) ** 2);
        for (const [axis, values] of colours.entries()) distance += (values[pixel] - colour[axis]) ** 2;
        if (distance < nearest[pixel]) {
          nearest[pixel] = distance;
          labels[pixel] = k;
        }
      }
    }
  }
}

function moveToMeans(
  colours: readonly Float64Array[],
  width: number,
  centres: readonly Centre[],
  labels: Int32Array,
): void {
  const counts = new Float64Array(centres.length);
  const sums = centres.map(() => new Float64Array(colours.length + 2));
  for (const [pixel, k] of labels.entries()) {
    counts[k]++;
    sums[k][0] += Math.floor(pixel / width);
    sums[k][1] += pixel % width;
    for (const [axis, values] of colours.entries()) sums[k][axis + 2] += values[pixel];
  }
  for (const [k, centre] of centres.entries()) {
    if (counts[k] === 0) continue;
    centre.row = sums[k][0] / counts[k];
    centre.column = sums[k][1] / counts[k];
    for (const axis of colours.keys()) centre.colour[axis] = sums[k][axis + 2] / counts[k];
  }
}
