import type { OpDef } from '@pathwise/graph';
import { binary } from '../families/binary.ts';

function comparison(name: string, code: number, f: (a: number, b: number) => number): OpDef {
  return binary({ name, code, f, result: 'bool', relevance: 'stop' });
}

export const greater: OpDef = comparison('Greater', 0x0220, (a, b) => Number(a > b));
export const greaterOrEqual: OpDef = comparison('GreaterOrEqual', 0x0221, (a, b) => Number(a >= b));
export const less: OpDef = comparison('Less', 0x0222, (a, b) => Number(a < b));
export const lessOrEqual: OpDef = comparison('LessOrEqual', 0x0223, (a, b) => Number(a <= b));
export const equal: OpDef = comparison('Equal', 0x0224, (a, b) => Number(a === b));
