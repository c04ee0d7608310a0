import { isFloat, type DType } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { defineOp } from '../define-op.ts';

type CastAttrs = { to: DType };

/** Number of bits and signedness of the integer types, for wrapping. */
const INTEGER_RANGE: Partial<Record<DType, readonly [bits: number, signed: boolean]>> = {
  int8: [8, true],
  uint8: [8, false],
  int16: [16, true],
  uint16: [16, false],
  int32: [32, true],
  uint32: [32, false],
  int64: [64, true],
  uint64: [64, false],
};

/** Between floats it is the identity (the reference computes in float64); to integers it truncates. `to` is a type name. */
export const cast: OpDef = defineOp<CastAttrs>({
  name: 'Cast',
  code: 0x0600,
  inputs: ['differentiable'],
  attrs: { to: { type: 'string', required: true } },
  relevance: 'shape',
  affine: (_moving, attrs) => isFloat((attrs as CastAttrs).to),
  piecewiseLinear: (_moving, attrs) => isFloat((attrs as CastAttrs).to),
  kinks: false,
  infer: ([x], { to }) => [{ dtype: to, shape: x!.shape }],
  forward([x], { to }) {
    if (isFloat(to)) return [Float64Array.from(x!.data)];
    if (to === 'bool') return [x!.data.map((v) => Number(v !== 0))];
    const [bits, signed] = INTEGER_RANGE[to]!;
    return [x!.data.map((v) => wrap(Math.trunc(v), bits, signed))];
  },
  vjp: (b, { inputs, attrs }, [dy]) => [isFloat(attrs.to) ? b.castLike(dy!, inputs[0]!) : null],
  examples: [{ name: 'to float64', attrs: { to: 'float64' }, inputs: [[2, 3]] }],
});

/** Two's complement wrap-around for values that a float64 holds exactly. */
function wrap(value: number, bits: number, signed: boolean): number {
  if (!Number.isFinite(value)) return 0;
  const range = 2 ** bits;
  const low = signed ? -range / 2 : 0;
  if (value >= low && value < low + range) return value;
  return value - range * Math.floor((value - low) / range);
}
