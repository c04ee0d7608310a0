import { type Attribution } from '@pathwise/model';
import { colourRange } from './colour-range.ts';
import { featureMap } from './feature-map.ts';
import { formatNumber } from './format-number.ts';
import { grid } from './grid.ts';
import { heatmap, type HeatmapOptions } from './heatmap.ts';
import { lineChart, rangeOf, type Line } from './line-chart.ts';
import { frame, type Picture } from './picture.ts';
import { selectRow } from './select-row.ts';
import { themes } from './theme.ts';
import { element } from './xml.ts';

/** What a pruning experiment found: how much of a region's sum and of the rest's went with the units of a layer. */
export interface PruningResult {
  readonly layer: string;
  readonly units: number;
  readonly target: readonly string[];
  /** Share of the region in the sum of the maps before. */
  readonly regionShare: number;
  readonly curves: readonly {
    readonly ranking: string;
    readonly points: readonly {
      readonly count: number;
      /** Per cent. */
      readonly regionDrop: number;
      readonly restDrop: number;
    }[];
  }[];
  readonly maps: {
    readonly ranking: string;
    readonly count: number;
    readonly before: Attribution;
    readonly after: Attribution;
  };
}

export type PruningOptions = Pick<
  HeatmapOptions,
  'scheme' | 'title' | 'labels' | 'layout' | 'image' | 'heading' | 'region'
>;

/** Maps have channels, rows and columns, or the last two. */
const IMAGE_RANKS = [3, 4];
const MAP_WIDTH = 360;
const GAP = 26;

/**
 * The panel of a pruning experiment: the map of row 0 before and after on one scale, and how much of the region and of
 * the rest went, for each ranking, against the number of units removed.
 */
export function pruning(result: PruningResult, options: PruningOptions = {}): Picture {
  const { scheme = 'light' } = options;
  const theme = themes[scheme];
  const counts = [0, ...(result.curves[0]?.points.map(({ count }) => count) ?? [])];
  const linesOf = (part: 'regionDrop' | 'restDrop'): Line[] =>
    result.curves.map(({ ranking, points }) => ({
      name: ranking,
      x: counts,
      y: [0, ...points.map((point) => point[part])],
      isControl: ranking.startsWith('random'),
    }));
  const charts = [
    { title: 'Taken from the region', lines: linesOf('regionDrop') },
    { title: 'Taken from the rest', lines: linesOf('restDrop') },
  ];
  const yRange = rangeOf(charts.flatMap(({ lines }) => lines));
  const drawn = charts.map(({ title, lines }) =>
    lineChart(lines, { theme, title, xLabel: `units removed of ${result.units}`, unit: ' %', xTicks: counts, yRange }),
  );
  const maps = mapsOf(result, options);
  const chartTop = maps.height === 0 ? 0 : maps.height + GAP;
  const [first, second] = drawn as [(typeof drawn)[0], (typeof drawn)[0]];
  const body = [
    maps.body,
    element('g', { transform: `translate(0 ${chartTop})` }, first.body),
    element('g', { transform: `translate(${first.width + GAP} ${chartTop})` }, second.body),
  ].join('');
  const share = `The region holds ${formatNumber(100 * result.regionShare, 2)} % of the maps before.`;
  return frame({
    theme,
    body,
    bodyWidth: Math.max(maps.width, first.width + GAP + second.width),
    bodyHeight: chartTop + Math.max(first.height, second.height),
    heading:
      options.heading === false
        ? undefined
        : {
            title: options.title ?? `Units of ${result.layer} behind a region`,
            subtitle: `${result.target.length} inputs, ratios of sums; above 100 % what is left votes against the target`,
          },
    notes: [share],
    alt: altOf(result),
    table: {
      caption: `Taken from the region and from the rest, per cent, by removing units of ${result.layer}`,
      columns: ['Ranking', 'Units removed', 'Region', 'Rest', 'Region − rest'],
      rows: result.curves.flatMap(({ ranking, points }) =>
        points.map(({ count, regionDrop, restDrop }) => [
          ranking,
          String(count),
          formatNumber(regionDrop),
          formatNumber(restDrop),
          formatNumber(regionDrop - restDrop),
        ]),
      ),
    },
  });
}

/** Both maps on the scale of the one before; nothing where inputs are no images. */
function mapsOf({ maps }: PruningResult, options: PruningOptions): { body: string; width: number; height: number } {
  const { scheme = 'light', layout = 'nchw' } = options;
  const row = selectRow(maps.before);
  if (!IMAGE_RANKS.includes(row.shape.length + 1)) return { body: '', width: 0, height: 0 };
  const { limit } = colourRange(featureMap(row, { layout, reduce: 'sum' }).values, {});
  const cells = [
    { caption: 'Map of the first input', attribution: maps.before },
    { caption: `Without ${maps.count} units by ${maps.ranking}`, attribution: maps.after },
  ].map(({ caption, attribution }) => ({
    caption,
    picture: heatmap(attribution, { ...options, heading: false, limit }),
  }));
  return grid(cells, { theme: themes[scheme], columns: 2, cellWidth: MAP_WIDTH });
}

function altOf({ layer, curves }: PruningResult): string {
  const ends = curves.map(({ ranking, points }) => {
    const last = points.at(-1);
    if (last === undefined) return ranking;
    return `${last.count} units by ${ranking} take ${last.regionDrop.toFixed(0)} % of the region and ${last.restDrop.toFixed(0)} % of the rest`;
  });
  return `Removing units of ${layer}: ${ends.join('; ')}.`;
}
