import {
  argumentError,
  PathwiseError,
  rowsOf,
  sizeOf,
  toFloat64,
  type Attribution,
  type Tensor,
} from '@pathwise/model';

/** One row of one attributed tensor, checked: at least one element, all finite. */
export interface RowOfAttribution {
  readonly tensor: string;
  readonly row: number;
  /** Without the batch axis. */
  readonly shape: readonly number[];
  readonly values: Float64Array;
}

/**
 * Picks the row that a picture shows.
 * @throws PathwiseError BAD_ARGUMENT for a tensor or row that is not there; BAD_SHAPE when it holds no elements;
 *   NON_FINITE when it holds NaN or an infinity
 */
export function selectRow(
  attribution: Attribution,
  { tensor, row = 0 }: { readonly tensor?: string; readonly row?: number } = {},
): RowOfAttribution {
  const names = Object.keys(attribution.attributions);
  const name = tensor ?? names[0];
  if (name === undefined || !Object.hasOwn(attribution.attributions, name)) {
    throw argumentError('render', 'tensor', `one of [${names.join(',')}]`, name ?? 'none');
  }
  const whole = attribution.attributions[name] as Tensor;
  const rows = whole.shape[0] ?? 0;
  if (sizeOf(whole.shape) === 0) {
    throw new PathwiseError(
      'BAD_SHAPE',
      `render: "${name}" of shape [${whole.shape.join(',')}] holds no attributions, so there is nothing to draw`,
      { tensor: name },
    );
  }
  if (!(Number.isInteger(row) && row >= 0 && row < rows)) {
    throw argumentError('render', 'row', `an integer from 0 to ${rows - 1}`, row);
  }
  const part = rowsOf(whole, row, row + 1);
  const values = toFloat64(part.data);
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) {
    throw new PathwiseError(
      'NON_FINITE',
      `render: "${name}", row ${row}, element ${bad} is ${values[bad]}; a picture needs finite attributions. ` +
        `Look for overflow or a division by zero in the model at this input`,
      { tensor: name },
    );
  }
  return { tensor: name, row, shape: part.shape.slice(1), values };
}

/** The same row of the standard errors, where there are any. */
export function standardErrorsOf(
  attribution: Attribution,
  { tensor, row }: RowOfAttribution,
): Float64Array | undefined {
  const errors = attribution.standardErrors;
  if (errors === undefined || !Object.hasOwn(errors, tensor)) return undefined;
  return toFloat64(rowsOf(errors[tensor] as Tensor, row, row + 1).data);
}
