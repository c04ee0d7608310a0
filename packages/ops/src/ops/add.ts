import type { OpDef } from '@pathwise/graph';
import { binary } from '../families/binary.ts';
import { jointly } from '../linearity.ts';

export const add: OpDef = binary({
  name: 'Add',
  code: 0x0200,
  f: (a, b) => a + b,
  gradient: (_b, { dout }) => [dout, dout],
  affine: jointly,
  relevance: 'sum',
});
