import { float32, type Attribution } from '@pathwise/model';
import { bars, type BarsOptions } from './bars.ts';
import type { Picture } from './picture.ts';
import { selectRow } from './select-row.ts';

/** Spatial axes come last, so only the first axis of a row is named. */
export type UnitsOptions = Omit<BarsOptions, 'featureNames' | 'values'>;

/**
 * Bars of the units of a layer, the largest first: of a convolutional layer its channels, each summed over its places;
 * of any other every unit by itself.
 *
 * @param attribution - attributed layer of shape [rows,units] or [rows,channels,...]
 */
export function units(attribution: Attribution, options: UnitsOptions = {}): Picture {
  const { tensor, row, shape, values } = selectRow(attribution, options);
  const [channels = 1] = shape;
  const places = values.length / channels;
  const sums = Array.from({ length: channels }, (_, channel) =>
    values.subarray(channel * places, (channel + 1) * places).reduce((sum, value) => sum + value, 0),
  );
  const shown = { ...attribution, attributions: { [tensor]: float32([1, channels], sums) } };
  const own = alone(shown, row);
  return bars(own, {
    ...options,
    tensor,
    row: 0,
    featureNames: sums.map((_, channel) => `${shape.length > 1 ? 'channel' : 'unit'} ${channel}`),
  });
}

/** The attribution with one row: numbers of other rows left out. */
function alone(attribution: Attribution, row: number): Attribution {
  const only = <T>(list: readonly T[] | null): T[] | null => (list === null ? null : [list[row] as T]);
  return {
    ...attribution,
    target: [attribution.target[row] ?? (attribution.target[0] as string)],
    outputAtInput: [attribution.outputAtInput[row] as number],
    outputAtBaseline: only(attribution.outputAtBaseline),
    convergenceDelta: only(attribution.convergenceDelta),
    relativeDelta: only(attribution.relativeDelta),
    error: only(attribution.error),
    errorMet: only(attribution.errorMet),
    cancellation: only(attribution.cancellation),
    // Errors of sums do not follow from those of their parts.
    standardErrors: {},
  };
}
