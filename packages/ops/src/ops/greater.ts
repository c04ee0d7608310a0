import type { OpDef } from '@pathwise/graph';
import { binary } from '../families/binary.ts';

export const greater: OpDef = binary({
  name: 'Greater',
  code: 0x0220,
  f: (a, b) => Number(a > b),
  result: 'bool',
  relevance: 'stop',
});
