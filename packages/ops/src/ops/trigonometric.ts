import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

export const sin: OpDef = unary({
  name: 'Sin',
  code: 0x0110,
  f: () => Math.sin,
  gradient: (b, { x, dy }) => b.mul(dy, b.unary('Cos', x)),
});

export const cos: OpDef = unary({
  name: 'Cos',
  code: 0x0111,
  f: () => Math.cos,
  gradient: (b, { x, dy }) => b.neg(b.mul(dy, b.unary('Sin', x))),
});

export const tan: OpDef = unary({
  name: 'Tan',
  code: 0x0112,
  f: () => Math.tan,
  // dy/dx = 1 + y^2
  gradient: (b, { y, dy }) => b.mul(dy, b.add(1, b.mul(y, y))),
  domain: [-1.3, 1.3],
});

export const asin: OpDef = unary({
  name: 'Asin',
  code: 0x0113,
  f: () => Math.asin,
  // dy/dx = 1 / sqrt((1 - x)(1 + x))
  gradient: (b, { x, dy }) => b.div(dy, b.sqrt(b.mul(b.sub(1, x), b.add(1, x)))),
  domain: [-0.9, 0.9],
});

export const acos: OpDef = unary({
  name: 'Acos',
  code: 0x0114,
  f: () => Math.acos,
  // dy/dx = -1 / sqrt((1 - x)(1 + x))
  gradient: (b, { x, dy }) => b.neg(b.div(dy, b.sqrt(b.mul(b.sub(1, x), b.add(1, x))))),
  domain: [-0.9, 0.9],
});

export const atan: OpDef = unary({
  name: 'Atan',
  code: 0x0115,
  f: () => Math.atan,
  // dy/dx = 1 / (1 + x^2)
  gradient: (b, { x, dy }) => b.div(dy, b.add(1, b.mul(x, x))),
});
