import { argumentError, sizeOf, type Attribution } from '@pathwise/model';
import type { Bar } from './bar-chart.ts';
import { plural } from './describe.ts';
import { formatNumber, formatSigned } from './format-number.ts';
import type { PictureOptions } from './options.ts';
import { standardErrorsOf, type RowOfAttribution } from './select-row.ts';

/** What a picture that lists features may be told about them. */
export interface FeatureListOptions extends PictureOptions {
  /** One name a feature, in the order of the attributions; `name[i]` by default. */
  readonly featureNames?: readonly string[];
  /** The value of each feature, shown beside its name. */
  readonly values?: readonly (number | string)[];
  /** Features shown; the rest is summed up as "others" (default 15). */
  readonly topK?: number;
}

const DEFAULT_TOP_K = 15;

/**
 * The features of a row, the largest first, and the shorter list that a picture shows.
 * @throws PathwiseError BAD_ARGUMENT when `featureNames` or `values` have another length, or `topK` is below 1
 */
export function featureList(
  picture: string,
  attribution: Attribution,
  row: RowOfAttribution,
  options: FeatureListOptions,
): { all: readonly Bar[]; listed: readonly Bar[] } {
  const { topK = DEFAULT_TOP_K } = options;
  if (!(Number.isInteger(topK) && topK >= 1)) throw argumentError(picture, 'topK', 'an integer of at least 1', topK);
  const all = allBars(picture, attribution, row, options).filter((b) => shown(b.attribution, options.show));
  all.sort((a, b) => Math.abs(b.attribution) - Math.abs(a.attribution));
  return { all, listed: all.length > topK + 1 ? [...all.slice(0, topK), othersOf(all.slice(topK))] : all };
}

/** The sentence of an alternative text that names the strongest features. */
export function strongest(all: readonly Bar[], zero: boolean): string {
  if (zero) return 'All attributions are zero.';
  const list = all.slice(0, 3).map((b) => `${b.name} ${formatSigned(b.attribution)}`);
  return `Strongest features: ${list.join(', ')}.`;
}

function allBars(picture: string, attribution: Attribution, row: RowOfAttribution, options: FeatureListOptions): Bar[] {
  const { featureNames, values } = options;
  const count = sizeOf(row.shape);
  for (const [name, list] of Object.entries({ featureNames, values })) {
    if (list !== undefined && list.length !== count) {
      throw argumentError(picture, name, `${count} entries, one a feature of "${row.tensor}"`, list.length);
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

/** `x[1,2]` for an element of a row. */
export function indexName(tensor: string, shape: readonly number[], index: number): string {
  const at: number[] = [];
  let rest = index;
  for (const size of [...shape].reverse()) {
    at.unshift(rest % size);
    rest = Math.floor(rest / size);
  }
  return at.length === 0 ? tensor : `${tensor}[${at.join(',')}]`;
}
