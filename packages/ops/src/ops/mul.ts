import type { OpDef } from '@pathwise/graph';
import { binary } from '../families/binary.ts';
import { bilinearIn } from '../linearity.ts';

export const mul: OpDef = binary({
  name: 'Mul',
  code: 0x0202,
  f: (a, b) => a * b,
  // d(xy) = y dx + x dy
  gradient: (b, { x, y, dout, needs }) => [needs[0] ? b.mul(dout, y) : null, needs[1] ? b.mul(dout, x) : null],
  affine: bilinearIn(0, 1),
  relevance: 'product',
});
