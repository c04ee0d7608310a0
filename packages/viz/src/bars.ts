import type { Attribution } from '@pathwise/model';
import { barChart } from './bar-chart.ts';
import { altBeginning, headingOf, unitName } from './describe.ts';
import { featureList, strongest, type FeatureListOptions } from './feature-list.ts';
import { formatNumber, formatSigned } from './format-number.ts';
import { frame, type Picture } from './picture.ts';
import { selectRow } from './select-row.ts';
import { themes } from './theme.ts';

export type BarsOptions = FeatureListOptions;

/**
 * Signed bars of the attributions of a row, the largest on top, with the value of each feature beside its name.
 * The bars add up: what is not shown by itself is summed up in the last one. Standard errors, where the method gives
 * them, are whiskers of one standard error to each side.
 *
 * @param attribution - attributed tensor of any shape [rows,...]
 * @throws PathwiseError BAD_ARGUMENT when `featureNames` or `values` have another length, or `topK` is below 1
 */
export function bars(attribution: Attribution, options: BarsOptions = {}): Picture {
  const theme = themes[options.scheme ?? 'light'];
  const row = selectRow(attribution, options);
  const { all, listed } = featureList('bars', attribution, row, options);
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
