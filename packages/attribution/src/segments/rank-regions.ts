/** How regions are ranked. */
export interface RankOptions {
  /** `full`: each time the region that gains most with what is left of it; `fast`: by their means, once. Default full. */
  readonly algorithm?: 'full' | 'fast' | undefined;
  /** Pixels that a region must add; default 1. */
  readonly minPixelDifference?: number | undefined;
  /** No region is added once more than this share of the pixels is covered; default 1. */
  readonly areaThreshold?: number | undefined;
}

/** Regions of an image, ranked by what a pixel of them contributes on average. */
export interface RankedRegions {
  /** For each pixel the mean of the area that it came in with; sums to the sum of the attributions. */
  readonly map: Float64Array;
  /** For each pixel the rank of that area, 1 being the highest mean; pixels of no region are the last area. */
  readonly ranks: Int32Array;
  /** Areas that were added, without the one of pixels of no region. */
  readonly areas: number;
}

interface Area {
  readonly gain: number;
  readonly pixels: Int32Array;
}

/**
 * Ranks overlapping regions by mean attribution: the best is added first, then the one that is best without what is already
 * covered, and so on. Of equal regions the first of the list is taken.
 *
 * @param attributions - one number a pixel
 * @param regions - the pixels of each region
 * @source Kapishnikov, Bolukbasi, Viegas, Terry 2019, arXiv:1906.02825, algorithm 1; `fast` after the authors' code
 */
export function rankRegions(
  attributions: Float64Array,
  regions: readonly Int32Array[],
  { algorithm = 'full', minPixelDifference = 1, areaThreshold = 1 }: RankOptions = {},
): RankedRegions {
  const covered = new Uint8Array(attributions.length);
  const mean = (pixels: Int32Array): number =>
    pixels.reduce((sum, pixel) => sum + attributions[pixel], 0) / pixels.length;
  const least = Math.max(1, minPixelDifference);
  const uncovered = (pixels: Int32Array): Int32Array => pixels.filter((pixel) => covered[pixel] === 0);
  const areas: Area[] = [];
  let count = 0;
  const isFull = (): boolean => count > areaThreshold * attributions.length;
  const add = (area: Area): void => {
    areas.push(area);
    for (const pixel of area.pixels) covered[pixel] = 1;
    count += area.pixels.length;
  };
  if (algorithm === 'fast') {
    const byMean = regions.filter(({ length }) => length > 0).map((pixels) => ({ gain: mean(pixels), pixels }));
    for (const { pixels } of byMean.sort((a, b) => b.gain - a.gain)) {
      if (isFull()) break;
      const rest = uncovered(pixels);
      if (rest.length >= least) add({ gain: mean(rest), pixels: rest });
    }
  } else {
    const areaOf = (pixels: Int32Array): Area => ({ gain: mean(pixels), pixels });
    let left = regions.filter(({ length }) => length >= least).map(areaOf);
    while (left.length > 0 && !isFull()) {
      const best = left.reduce((first, area) => (area.gain > first.gain ? area : first));
      add(best);
      left = left.flatMap((area) => {
        const rest = uncovered(area.pixels);
        if (rest.length === area.pixels.length) return [area];
        return rest.length >= least ? [areaOf(rest)] : [];
      });
    }
  }
  const outside = Int32Array.from(covered.keys()).filter((pixel) => covered[pixel] === 0);
  const last: Area = { gain: mean(outside), pixels: outside };
  const map = new Float64Array(attributions.length);
  const ranks = new Int32Array(attributions.length);
  for (const [i, { gain, pixels }] of [...areas.toSorted((a, b) => b.gain - a.gain), last].entries()) {
    for (const pixel of pixels) [map[pixel], ranks[pixel]] = [gain, i + 1];
  }
  return { map, ranks, areas: areas.length };
}
