import type { OpDef } from '@pathwise/graph';
import { binary } from '../families/binary.ts';
import { jointly } from '../linearity.ts';

export const sub: OpDef = binary({
  name: 'Sub',
  code: 0x0201,
  f: (a, b) => a - b,
  gradient: (b, { dout, needs }) => [dout, needs[1] ? b.neg(dout) : null],
  affine: jointly,
  relevance: 'sum',
});
