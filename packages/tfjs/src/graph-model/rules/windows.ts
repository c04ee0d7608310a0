import { PathwiseError } from '@pathwise/model';
import type { DataFormat } from '../../layout/convolution.ts';
import type { Padding } from '../../layout/padding.ts';
import type { NodeAttrs } from '../node-attrs.ts';

/** Where the channels stand, by `data_format`. */
export function formatOf(attrs: NodeAttrs): DataFormat {
  const format = attrs.oneOf('data_format', ['NHWC', 'NDHWC', 'NWC', 'NCHW', 'NCDHW', 'NCW'], 'NHWC');
  return format.startsWith('NC') ? 'channels-first' : 'channels-last';
}

/** Of a list with one number an axis, those of the spatial axes. @throws PathwiseError UNSUPPORTED_OP where the others are not 1 */
export function spatial(attrs: NodeAttrs, name: string, rank: number, format: DataFormat): number[] {
  const list = attrs.ints(
    name,
    Array.from({ length: rank + 2 }, () => 1),
  );
  const from = format === 'channels-last' ? 1 : 2;
  const others = list.filter((_, axis) => axis < from || axis >= from + rank);
  if (list.length !== rank + 2 || others.some((n) => n !== 1) || list.some((n) => n < 1)) {
    throw new PathwiseError(
      'UNSUPPORTED_OP',
      `expected ${rank + 2} positive numbers for attribute ${name}, 1 for batch and channels, got [${list.join(',')}]`,
    );
  }
  return list.slice(from, from + rank);
}

/** The margins by `padding` and `explicit_paddings`. */
export function paddingOf(attrs: NodeAttrs, rank: number, format: DataFormat): Padding {
  const padding = attrs.oneOf('padding', ['SAME', 'VALID', 'EXPLICIT']);
  if (padding !== 'EXPLICIT') return padding;
  const amounts = attrs.ints('explicit_paddings');
  if (amounts.length !== 2 * (rank + 2)) {
    throw new PathwiseError('BAD_FILE', `expected ${2 * (rank + 2)} explicit_paddings, got ${amounts.length}`);
  }
  const from = format === 'channels-last' ? 1 : 2;
  const pairs = Array.from({ length: rank }, (_, i) => 2 * (from + i));
  return { begin: pairs.map((at) => amounts[at] as number), end: pairs.map((at) => amounts[at + 1] as number) };
}
