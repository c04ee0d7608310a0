import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

export const isNaN: OpDef = unary({
  name: 'IsNaN',
  code: 0x0125,
  f: () => (x) => Number(Number.isNaN(x)),
  result: 'bool',
});

export const isInf: OpDef = unary<{ detect_negative: number; detect_positive: number }>({
  name: 'IsInf',
  code: 0x0126,
  attrs: { detect_negative: { type: 'int', default: 1 }, detect_positive: { type: 'int', default: 1 } },
  f:
    ({ detect_negative, detect_positive }) =>
    (x) =>
      x === Infinity ? detect_positive : x === -Infinity ? detect_negative : 0,
  result: 'bool',
});
