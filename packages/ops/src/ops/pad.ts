import { argumentError, int64, PathwiseError, sizeOf, stridesOf, toFloat64 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { normalizeAxis } from '../axes.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { axisMapAdjoint } from '../families/axis-map.ts';
import { jointlyIn } from '../linearity.ts';

type Mode = 'constant' | 'reflect' | 'edge' | 'wrap';
type PadAttrs = { mode: Mode };

/** Elements to add before and after each axis; negative ones are cropped. */
type Pads = readonly (readonly [before: number, after: number])[];

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
    const shape = x!.shape.map((size, axis) => paddedSize(size, amounts[axis], mode));
    return [{ dtype: x!.dtype, shape }];
  },
  forward([x, pads, value, axes], { mode }, [type]) {
    const amounts = resolvePads(x!.shape.length, Array.from(pads!.data), axes ? Array.from(axes.data) : undefined);
    const maps = x!.shape.map((size, axis) => sourcePositions(size, amounts[axis], mode));
    const out = new Float64Array(sizeOf(type!.shape)).fill(value ? value.data[0] : 0);
    copyMapped(x!.data, stridesOf(x!.shape), maps, out);
    return [out];
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

function resolvePads(rank: number, pads: readonly number[], axesGiven: readonly number[] | undefined): Pads {
  const axes = (axesGiven ?? Array.from({ length: rank }, (_, i) => i)).map((axis) => normalizeAxis(axis, rank));
  if (pads.length !== 2 * axes.length) {
    throw argumentError('pad', 'pads', `${2 * axes.length} numbers`, pads);
  }
  const amounts = Array.from({ length: rank }, (): [number, number] => [0, 0]);
  for (const [i, axis] of axes.entries()) amounts[axis] = [pads[i], pads[axes.length + i]];
  return amounts;
}

function paddedSize(size: number, [before, after]: Pads[number], mode: Mode): number {
  const kept = size + Math.min(before, 0) + Math.min(after, 0);
  const padded = size + before + after;
  if (padded < 0 || kept < 0 || (kept === 0 && padded > 0 && mode !== 'constant')) {
    throw new PathwiseError(
      'BAD_SHAPE',
      `an axis of size ${size} cannot be padded by ${before} and ${after} (${mode})`,
    );
  }
  return padded;
}

/** For each position of the padded axis, the one of the input that it shows, or -1 for the constant. */
function sourcePositions(size: number, [before, after]: Pads[number], mode: Mode): number[] {
  const low = Math.max(0, -before);
  const kept = size - low - Math.max(0, -after);
  return Array.from({ length: size + before + after }, (_, i) => {
    const at = i - Math.max(0, before);
    if (at >= 0 && at < kept) return low + at;
    return mode === 'constant' ? -1 : low + foldPosition(at, kept, mode);
  });
}

function foldPosition(at: number, size: number, mode: Mode): number {
  if (mode === 'edge') return at < 0 ? 0 : size - 1;
  if (mode === 'wrap') return modulo(at, size);
  if (size === 1) return 0;
  const period = 2 * (size - 1);
  const within = modulo(at, period);
  return within < size ? within : period - within;
}

function modulo(a: number, n: number): number {
  return ((a % n) + n) % n;
}

/** Fills `out`, whose axes have the lengths of `maps`, with the elements they point to; skips where one is -1. */
function copyMapped(
  data: Float64Array,
  strides: readonly number[],
  maps: readonly number[][],
  out: Float64Array,
): void {
  const sizes = maps.map((map) => map.length);
  const outStrides = stridesOf(sizes);
  const visit = (axis: number, from: number, to: number): void => {
    if (axis === maps.length) {
      out[to] = data[from];
      return;
    }
    const map = maps[axis];
    if (axis === maps.length - 1) {
      for (let i = 0; i < map.length; i++) if (map[i] >= 0) out[to + i] = data[from + map[i]];
      return;
    }
    for (let i = 0; i < map.length; i++) {
      if (map[i] >= 0) visit(axis + 1, from + map[i] * strides[axis], to + i * outStrides[axis]);
    }
  };
  visit(0, 0, 0);
}
