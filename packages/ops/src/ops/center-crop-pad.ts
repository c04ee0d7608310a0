import { argumentError, int64, toFloat64 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { normalizeAxis } from '../axes.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { padData, type PadAmount } from '../families/padding.ts';
import { jointlyIn } from '../linearity.ts';

type CenterCropPadAttrs = { axes?: readonly number[] };

/** Crops or pads with zeros to the wanted sizes, keeping the centre; an odd element is cropped or added at the end. */
export const centerCropPad: OpDef = defineOp<CenterCropPadAttrs>({
  name: 'CenterCropPad',
  code: 0x061b,
  inputs: ['differentiable', 'index'],
  attrs: { axes: { type: 'ints' } },
  relevance: 'shape',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([x, wanted], attrs) {
    const amounts = centred(x!.shape, constantInts(wanted, 'shape'), attrs);
    return [{ dtype: x!.dtype, shape: x!.shape.map((size, axis) => size + amounts[axis][0] + amounts[axis][1]) }];
  },
  forward: ([x, wanted], attrs) => [padData(x!, centred(x!.shape, Array.from(wanted!.data), attrs), 'constant', 0)],
  vjp(b, { inputs: [x, wanted], attrs }, [dy]) {
    const amounts = centred(b.shape(x), Array.from(toFloat64(b.constantOf(wanted)!.data)), attrs);
    return [b.pad(dy!, [...amounts.map(([before]) => -before), ...amounts.map(([, after]) => -after)]), null];
  },
  examples: [
    { name: 'crop and pad by odd numbers', inputs: [[5, 4], int64([2], [2, 7])] },
    { name: 'listed axes', attrs: { axes: [-1, 0] }, inputs: [[2, 3, 4], int64([2], [2, 5])] },
    { name: 'nothing to do', inputs: [[2, 3], int64([2], [2, 3])] },
  ],
});

function centred(shape: readonly number[], wanted: readonly number[], { axes }: CenterCropPadAttrs): PadAmount[] {
  const chosen = (axes ?? shape.map((_, axis) => axis)).map((axis) => normalizeAxis(axis, shape.length));
  if (wanted.length !== chosen.length || wanted.some((size) => size < 0)) {
    throw argumentError('centerCropPad', 'shape', `${chosen.length} sizes`, wanted);
  }
  const amounts = shape.map((): PadAmount => [0, 0]);
  for (const [i, axis] of chosen.entries()) {
    const difference = wanted[i] - shape[axis];
    const before = Math.sign(difference) * Math.floor(Math.abs(difference) / 2);
    amounts[axis] = [before, difference - before];
  }
  return amounts;
}
