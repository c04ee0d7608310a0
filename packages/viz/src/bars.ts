import { argumentError, sizeOf, type Attribution } from '@pathwise/model';
import { barChart, type Bar } from './bar-chart.ts';
import { altBeginning, headingOf, plural, unitName } from './describe.ts';
import { formatNumber, formatSigned } from './format-number.ts';
import type { PictureOptions } from './options.ts';
import { frame, type Picture } from './picture.ts';
import { selectRow, standardErrorsOf } from './select-row.ts';
import { themes } from './theme.ts';

export interface BarsOptions extends PictureOptions {
  /** One name a feature, in the order of the attributions; `name[i]` by default. */
  readonly featureNames?: readonly string[];
  /** The value of each feature, shown beside its name. */
  readonly values?: readonly (number | string)[];
  /** Bars shown; the rest is summed up as "others" (default 15). */
  readonly topK?: number;
}

/**
 * Signed bars of the attributions of a row, the largest on top, with the value of each feature beside its name.
 * The bars add up: what is not shown by itself is summed up in the last one. Standard errors, where the method gives
 * them, are whiskers of one standard error to each side.
 *
 * @param attribution - attributed tensor of any shape [rows,...]
 * @throws PathwiseError BAD_ARGUMENT when `featureNames` or `values` have another length, or `topK` is below 1
 */
export function bars(attribution: Attribution, options: BarsOptions = {}): Picture {
  const { scheme = 'light', topK = 15 } = options;
  if (!(Number.isInteger(topK) && topK >= 1)) throw argumentError('bars', 'topK', 'an integer of at least 1', topK);
  const theme = themes[scheme];
  const row = selectRow(attribution, options);
  const all = allBars(attribution, row, options).filter((b) => shown(b.attribution, options.show));
  all.sort((a, b) => Math.abs(b.attribution) - Math.abs(a.attribution));
  const listed = all.length > topK + 1 ? [...all.slice(0, topK), othersOf(all.slice(topK))] : all;
  const unit = unitName(attribution, row.row);
  const withErrors = listed.some((b) => b.standardError !== undefined);
  const { body, width, height } = barChart(listed, {
    theme,
    unit,
    limit: options.limit,
    values: options.values !== undefined,
  });
  const zero = row.values.every((v) => v === 0);
  return frame({
    theme,
    body,
    bodyWidth: width,
    bodyHeight: height,
    heading: options.heading === false ? undefined : headingOf(attribution, row.row, options),
    notes: [
      ...(zero ? ['All attributions are zero.'] : []),
      ...(withErrors ? ['Whiskers: one standard error to each side.'] : []),
    ],
    alt: `${altBeginning(attribution, row.row, options.labels)} ${strongest(all, zero)}`,
    table: {
      caption: `Attribution of each feature (${unit}), largest first`,
      columns: [
        'Feature',
        ...(options.values ? ['Value'] : []),
        'Attribution',
        ...(withErrors ? ['Standard error'] : []),
      ],
      rows: all.map((b) => [
        b.name,
        ...(options.values ? [b.value] : []),
        formatSigned(b.attribution, 4),
        ...(withErrors ? [b.standardError === undefined ? '' : formatNumber(b.standardError)] : []),
      ]),
    },
  });
}

function allBars(attribution: Attribution, row: ReturnType<typeof selectRow>, options: BarsOptions): Bar[] {
  const { featureNames, values } = options;
  const count = sizeOf(row.shape);
  for (const [name, list] of Object.entries({ featureNames, values })) {
    if (list !== undefined && list.length !== count) {
      throw argumentError('bars', name, `${count} entries, one a feature of "${row.tensor}"`, list.length);
    }
  }
  const errors = standardErrorsOf(attribution, row);
  return Array.from(row.values, (value, i) => {
    const own = values?.[i];
    return {
      name: featureNames?.[i] ?? indexName(row.tensor, row.shape, i),
      value: own === undefined ? '' : typeof own === 'number' ? formatNumber(own, 4) : own,
      attribution: options.show === 'absolute' ? Math.abs(value) : value,
      standardError: errors?.[i],
      others: false,
    };
  });
}

function shown(value: number, show: PictureOptions['show']): boolean {
  return show === 'positive' ? value > 0 : show === 'negative' ? value < 0 : true;
}

function othersOf(rest: readonly Bar[]): Bar {
  return {
    name: `${plural(rest.length, 'other', 'others')}`,
    value: '',
    attribution: rest.reduce((sum, b) => sum + b.attribution, 0),
    standardError: undefined, // of a sum: unknown without the covariances
    others: true,
  };
}

function strongest(all: readonly Bar[], zero: boolean): string {
  if (zero) return 'All attributions are zero.';
  const list = all.slice(0, 3).map((b) => `${b.name} ${formatSigned(b.attribution)}`);
  return `Strongest features: ${list.join(', ')}.`;
}

function indexName(tensor: string, shape: readonly number[], index: number): string {
  const at: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return at.length === 0 ? tensor : `${tensor}[${at.join(',')}]`;
}
