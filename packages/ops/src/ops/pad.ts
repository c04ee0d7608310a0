import { argumentError, int64, toFloat64 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { normalizeAxis } from '../axes.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { axisMapAdjoint } from '../families/axis-map.ts';
import { padData, paddedShape, sourcePositions, type PadAmount, type PadMode } from '../families/padding.ts';
import { jointlyIn } from '../linearity.ts';

type PadAttrs = { mode: PadMode };

/**
 * Cropping by negative pads comes first; the other modes then repeat what is left: reflect without its border, edge its
 * border element, wrap periodically.
 */
export const pad: OpDef = defineOp<PadAttrs>({
  name: 'Pad',
  code: 0x0609,
  inputs: ['differentiable', 'index', 'differentiable', 'index'],
  required: 2,
  attrs: { mode: { type: 'string', default: 'constant', oneOf: ['constant', 'reflect', 'edge', 'wrap'] } },
  relevance: 'shape',
  affine: jointlyIn(0, 2),
  piecewiseLinear: jointlyIn(0, 2),
  kinks: false,
  infer([x, pads, , axes], { mode }) {
    const amounts = resolvePads(
      x!.shape.length,
      constantInts(pads, 'pads'),
      axes ? constantInts(axes, 'axes') : undefined,
    );
    return [{ dtype: x!.dtype, shape: paddedShape(x!.shape, amounts, mode) }];
  },
  forward([x, pads, value, axes], { mode }) {
    const amounts = resolvePads(x!.shape.length, Array.from(pads!.data), axes ? Array.from(axes.data) : undefined);
    return [padData(x!, amounts, mode, value ? value.data[0] : 0)];
  },
  vjp(b, { inputs, attrs: { mode }, needs }, [dy]) {
    const [x, padsRef, , axesRef] = inputs;
    const shape = b.shape(x);
    const read = (ref: string): number[] => Array.from(toFloat64(b.constantOf(ref)!.data));
    const amounts = resolvePads(shape.length, read(padsRef), axesRef ? read(axesRef) : undefined);
    let dx = dy!;
    if (mode === 'constant') {
      dx = b.pad(dy!, [...amounts.map(([before]) => -before), ...amounts.map(([, after]) => -after)]);
    } else {
      for (const [axis, size] of shape.entries()) {
        if (amounts[axis].every((amount) => amount === 0)) continue;
        dx = axisMapAdjoint(b, dx, axis, sourcePositions(size, amounts[axis], mode), size);
      }
    }
    // Every cotangent that does not reach x belongs to the constant.
    const total = (ref: string): string => b.emit('ReduceSum', [ref], { keepdims: 0 });
    const dvalue = needs[2] === true && mode === 'constant' ? b.sub(total(dy!), total(dx)) : null;
    return [dx, null, dvalue === null ? null : b.reshape(dvalue, b.shape(inputs[2])), null];
  },
  examples: [
    { name: 'zeros around two axes', inputs: [[2, 3], int64([4], [1, 0, 2, 3])] },
    { name: 'computed constant', inputs: [[2, 3], int64([4], [0, 1, 1, -1]), []] },
    { name: 'cropping and padding', inputs: [[3, 4], int64([4], [-1, 2, 1, -2])] },
    { name: 'listed axes', inputs: [[2, 3, 2], int64([4], [1, 2, 0, 1]), null, int64([2], [-1, 0])] },
    { name: 'reflect', attrs: { mode: 'reflect' }, inputs: [[3, 4], int64([4], [2, 1, 1, 3])] },
    { name: 'edge', attrs: { mode: 'edge' }, inputs: [[1, 3], int64([4], [2, 1, 1, 3])] },
    { name: 'wrap', attrs: { mode: 'wrap' }, inputs: [[2, 3], int64([4], [0, 2, 3, 1])] },
    { name: 'wrap several times', attrs: { mode: 'wrap' }, inputs: [[2, 2], int64([4], [0, 9, 0, 8])] },
    { name: 'reflect after cropping', attrs: { mode: 'reflect' }, inputs: [[2, 5], int64([4], [0, -1, 0, 3])] },
  ],
});

/** Amounts to pad each axis by. */
export function resolvePads(
  rank: number,
  pads: readonly number[],
  axesGiven: readonly number[] | undefined,
): PadAmount[] {
  const axes = (axesGiven ?? Array.from({ length: rank }, (_, i) => i)).map((axis) => normalizeAxis(axis, rank));
  if (pads.length !== 2 * axes.length) {
    throw argumentError('pad', 'pads', `${2 * axes.length} numbers`, pads);
  }
  const amounts = Array.from({ length: rank }, (): [number, number] => [0, 0]);
  for (const [i, axis] of axes.entries()) amounts[axis] = [pads[i], pads[axes.length + i]];
  return amounts;
}
