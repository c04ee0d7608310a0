import { gaussianBlur } from '../baselines/blur.ts';

export interface FelzenszwalbOptions {
  /** Preference for large segments, one segmentation each; colours from 0 to 1 are taken as 0 to 255. */
  readonly scales: readonly number[];
  /** Standard deviation of the blur before, in pixels. */
  readonly sigma: number;
  /** Pixels that a segment has at least, where the image has as many. */
  readonly minSize: number;
}

/** Pairs of neighbouring pixels from the most to the least alike. */
interface Edges {
  readonly from: Int32Array;
  readonly to: Int32Array;
  readonly costs: Float64Array;
}

/**
 * Segments of an image as a graph of pixels, at several scales: pairs of neighbours are joined, the most alike first, while
 * they differ less than the largest difference inside either part plus k / |part|, k = scale / 255. Then parts below `minSize`
 * join the neighbour that is most alike. One label for each pixel, from 0 in the order of their first pixels.
 *
 * @param planes - one list of all pixels a colour channel, in row-major order
 * @source Felzenszwalb, Huttenlocher 2004, Efficient Graph-Based Image Segmentation, algorithm 1 and section 5; the order of
 *   equal differences is ours
 */
export function felzenszwalb(
  planes: readonly Float64Array[],
  height: number,
  width: number,
  { scales, sigma, minSize }: FelzenszwalbOptions,
): Int32Array[] {
  const smooth = planes.map((plane) => gaussianBlur(plane, [height, width], [0, 1], sigma));
  const edges = sortedEdges(smooth, height, width);
  return scales.map((scale) => segmentGraph(edges, height * width, scale / 255, minSize));
}

/** Steps to half of the eight neighbours, as rows and columns: each pair of pixels is met once. */
const STEPS = [
  [1, 0],
  [0, 1],
  [1, 1],
  [1, -1],
] as const;

function sortedEdges(planes: readonly Float64Array[], height: number, width: number): Edges {
  const [from, to]: [number[], number[]] = [[], []];
  for (const [down, across] of STEPS) {
    for (let row = 0; row < height - down; row++) {
      for (let column = Math.max(0, -across); column < width - Math.max(0, across); column++) {
        const pixel = row * width + column;
        from.push(pixel);
        to.push(pixel + down * width + across);
      }
    }
  }
  const distance = (a: number, b: number): number =>
    Math.sqrt(planes.reduce((sum, plane) => sum + (plane[a] - plane[b]) ** 2, 0));
  const costs = Float64Array.from(from, (pixel, edge) => distance(pixel, to[edge]));
  const order = Uint32Array.from(from.keys()).sort((a, b) => costs[a] - costs[b] || a - b);
  return {
    from: Int32Array.from(order, (edge) => from[edge]),
    to: Int32Array.from(order, (edge) => to[edge]),
    costs: Float64Array.from(order, (edge) => costs[edge]),
  };
}

function segmentGraph({ from, to, costs }: Edges, pixels: number, k: number, minSize: number): Int32Array {
  const parents = Int32Array.from({ length: pixels }, (_, pixel) => pixel);
  const sizes = new Int32Array(pixels).fill(1);
  // The largest difference that was bridged inside of a part.
  const inner = new Float64Array(pixels);
  const rootOf = (pixel: number): number => {
    let root = pixel;
    while (parents[root] !== root) {
      parents[root] = parents[parents[root]];
      root = parents[root];
    }
    return root;
  };
  const joinWhere = (wanted: (a: number, b: number, cost: number) => boolean): void => {
    for (const [edge, cost] of costs.entries()) {
      const [a, b] = [rootOf(from[edge]), rootOf(to[edge])];
      if (a === b || !wanted(a, b, cost)) continue;
      parents[b] = a;
      sizes[a] += sizes[b];
      inner[a] = cost;
    }
  };
  joinWhere((a, b, cost) => cost < Math.min(inner[a] + k / sizes[a], inner[b] + k / sizes[b]));
  joinWhere((a, b) => sizes[a] < minSize || sizes[b] < minSize);
  const numbers = new Map<number, number>();
  return parents.map((_, pixel) => {
    const root = rootOf(pixel);
    const number = numbers.get(root) ?? numbers.size;
    numbers.set(root, number);
    return number;
  });
}
