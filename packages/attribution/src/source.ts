import { sizeOf, type Shape } from '@pathwise/model';

/** A tensor that attributions refer to, at the input. */
export interface Source {
  /** Name of the model's input. */
  readonly input: string;
  /** Name of the attributed tensor: the input, or the embedding of its token ids. */
  readonly name: string;
  /** Without the axis that counts rows. */
  readonly shape: Shape;
  readonly size: number;
  /** One row after another. */
  readonly values: Float64Array;
  /** The token ids and the shape of a row of them, when the input holds such. */
  readonly ids: { readonly values: Float64Array; readonly shape: Shape } | null;
  /** Axis 0 of the input counts rows; otherwise its whole is the one row. */
  readonly batched: boolean;
  /** The axis of a row that holds channels: the first, or the last. */
  readonly channelAxis: number;
}

/** The channel of each element of a row. */
export function channelIn({ shape, channelAxis }: Source): (element: number) => number {
  const stride = sizeOf(shape.slice(channelAxis + 1));
  return (element) => Math.floor(element / stride) % shape[channelAxis];
}
