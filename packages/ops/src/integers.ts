import { isFloat, type DType } from '@pathwise/model';

/** Number of bits and signedness of the integer types. */
const INTEGER_TYPES: Partial<Record<DType, readonly [bits: number, signed: boolean]>> = {
  int8: [8, true],
  uint8: [8, false],
  int16: [16, true],
  uint16: [16, false],
  int32: [32, true],
  uint32: [32, false],
  int64: [64, true],
  uint64: [64, false],
};

/** Smallest and largest number of an integer type. */
export function integerBounds(dtype: DType): [low: number, high: number] {
  const [bits, signed] = INTEGER_TYPES[dtype]!;
  return signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

/** Float64 values converted as Cast does: floats stay, integers are truncated and wrap around, bool is 0 or 1. */
export function castData(data: Float64Array, to: DType): Float64Array {
  if (isFloat(to)) return data.slice();
  if (to === 'bool') return data.map((v) => Number(v !== 0));
  const [bits, signed] = INTEGER_TYPES[to]!;
  return data.map((v) => wrap(Math.trunc(v), bits, signed));
}

/** Two's complement wrap-around for values that a float64 holds exactly. */
function wrap(value: number, bits: number, signed: boolean): number {
  if (!Number.isFinite(value)) return 0;
  const range = 2 ** bits;
  const low = signed ? -range / 2 : 0;
  if (value >= low && value < low + range) return value;
  return value - range * Math.floor((value - low) / range);
}
