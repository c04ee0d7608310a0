import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';
import { jointly } from '../linearity.ts';

export const identity: OpDef = unary({
  name: 'Identity',
  code: 0x0130,
  f: () => (x) => x,
  gradient: (_b, { dy }) => dy,
  affine: jointly,
  relevance: 'shape',
});
