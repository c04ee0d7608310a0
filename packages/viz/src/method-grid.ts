import { argumentError, type Attribution } from '@pathwise/model';
import { bars, type BarsOptions } from './bars.ts';
import { colourRange } from './colour-range.ts';
import { sumSentence, targetName } from './describe.ts';
import { featureMap } from './feature-map.ts';
import { formatNumber } from './format-number.ts';
import { grid } from './grid.ts';
import { heatmap, type HeatmapOptions } from './heatmap.ts';
import { frame, type Picture } from './picture.ts';
import { kindOf } from './picture-kind.ts';
import { selectRow } from './select-row.ts';
import { themes } from './theme.ts';

export interface MethodGridOptions
  extends Omit<HeatmapOptions, 'limit'>, Pick<BarsOptions, 'featureNames' | 'values' | 'topK'> {
  /** `own` (default): each map its own colours; `common`: one scale for all, which must have one unit. */
  readonly scale?: 'own' | 'common';
  /** Default 3. */
  readonly columns?: number;
}

const CELL_WIDTH = 300;

/**
 * The same row explained by several methods, side by side. Whether the colours can be compared stands in the legend.
 *
 * @throws PathwiseError BAD_ARGUMENT for no attribution, or a common scale over attributions of different units
 */
export function methodGrid(attributions: readonly Attribution[], options: MethodGridOptions = {}): Picture {
  const { scheme = 'light', scale = 'own', columns = 3, row = 0 } = options;
  const theme = themes[scheme];
  const [first] = attributions;
  if (first === undefined) throw argumentError('methodGrid', 'attributions', 'at least one', 'none');
  const units = new Set(attributions.map(({ unit }) => unit));
  if (scale === 'common' && units.size > 1) {
    throw argumentError('methodGrid', 'scale', '"own" for attributions of different units', scale);
  }
  const limit = scale === 'own' ? undefined : Math.max(...attributions.map((one) => limitOf(one, options)));
  const cells = attributions.map((one) => {
    const own = { ...options, heading: false, ...(limit !== undefined && { limit }) };
    return { caption: one.method, picture: kindOf(one, options) === 'heatmap' ? heatmap(one, own) : bars(one, own) };
  });
  const { body, width, height } = grid(cells, {
    theme,
    columns: Math.min(columns, cells.length),
    cellWidth: CELL_WIDTH,
  });
  return frame({
    theme,
    body,
    bodyWidth: width,
    bodyHeight: height,
    heading:
      options.heading === false
        ? undefined
        : {
            title: options.title ?? targetName(first, row, options.labels),
            subtitle: `${attributions.length} methods, F(x) ${formatNumber(first.outputAtInput[row] ?? Number.NaN, 4)}`,
          },
    notes: [
      scale === 'common'
        ? 'One scale: colours can be compared across methods.'
        : 'Each map has its own scale: compare places, not colours.',
    ],
    alt: `The same input by ${attributions.map(({ method }) => method).join(', ')}.`,
    table: {
      caption: 'Methods side by side',
      columns: ['Method', 'Unit', 'Adds up'],
      rows: attributions.map((one) => [one.method, one.unit, sumSentence(one, row) ?? 'not claimed']),
    },
  });
}

function limitOf(attribution: Attribution, options: MethodGridOptions): number {
  const row = selectRow(attribution, options);
  const isMap = kindOf(attribution, options) === 'heatmap';
  const values = isMap
    ? featureMap(row, { layout: options.layout ?? 'nchw', reduce: options.reduce ?? 'sum' }).values
    : row.values;
  return colourRange(values, isMap ? options : { ...options, clipPercentile: 100 }).limit;
}
