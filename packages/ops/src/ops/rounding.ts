import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

function rounding(name: string, code: number, f: (x: number) => number): OpDef {
  return unary({ name, code, f: () => f, relevance: 'unary', kinks: true });
}

export const floor: OpDef = rounding('Floor', 0x0121, Math.floor);
export const ceil: OpDef = rounding('Ceil', 0x0122, Math.ceil);
export const round: OpDef = rounding('Round', 0x0123, roundHalfToEven);
export const sign: OpDef = rounding('Sign', 0x0124, Math.sign);

export function roundHalfToEven(x: number): number {
  return x - Math.floor(x) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x);
}
