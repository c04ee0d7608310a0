import type { OpDef } from '@pathwise/graph';
import { binary } from '../families/binary.ts';
import { unary } from '../families/unary.ts';

function logic(name: string, code: number, f: (a: number, b: number) => number): OpDef {
  return binary({ name, code, f, result: 'bool', relevance: 'stop' });
}

export const and: OpDef = logic('And', 0x0225, (a, b) => Number(a !== 0 && b !== 0));
export const or: OpDef = logic('Or', 0x0226, (a, b) => Number(a !== 0 || b !== 0));
export const xor: OpDef = logic('Xor', 0x0227, (a, b) => Number((a !== 0) !== (b !== 0)));
export const not: OpDef = unary({ name: 'Not', code: 0x0127, f: () => (x) => Number(x === 0), result: 'bool' });
