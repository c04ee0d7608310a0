import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

export const sinh: OpDef = unary({
  name: 'Sinh',
  code: 0x0116,
  f: () => Math.sinh,
  gradient: (b, { x, dy }) => b.mul(dy, b.unary('Cosh', x)),
});

export const cosh: OpDef = unary({
  name: 'Cosh',
  code: 0x0117,
  f: () => Math.cosh,
  gradient: (b, { x, dy }) => b.mul(dy, b.unary('Sinh', x)),
});

export const asinh: OpDef = unary({
  name: 'Asinh',
  code: 0x0118,
  f: () => Math.asinh,
  // dy/dx = 1 / sqrt(1 + x^2)
  gradient: (b, { x, dy }) => b.div(dy, b.sqrt(b.add(1, b.mul(x, x)))),
});

export const acosh: OpDef = unary({
  name: 'Acosh',
  code: 0x0119,
  f: () => Math.acosh,
  // dy/dx = 1 / sqrt((x - 1)(x + 1))
  gradient: (b, { x, dy }) => b.div(dy, b.sqrt(b.mul(b.sub(x, 1), b.add(x, 1)))),
  domain: [1.2, 4],
});

export const atanh: OpDef = unary({
  name: 'Atanh',
  code: 0x011a,
  f: () => Math.atanh,
  // dy/dx = 1 / ((1 - x)(1 + x))
  gradient: (b, { x, dy }) => b.div(dy, b.mul(b.sub(1, x), b.add(1, x))),
  domain: [-0.9, 0.9],
});
