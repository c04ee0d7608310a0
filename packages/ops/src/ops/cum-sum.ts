import type { OpDef } from '@pathwise/graph';
import { cumulative } from '../families/cumulative.ts';

export const cumSum: OpDef = cumulative({
  name: 'CumSum',
  code: 0x0312,
  start: 0,
  f: (sum, x) => sum + x,
  linear: true,
  relevance: 'fixed-linear',
  // The adjoint sums the other way.
  vjp: (b, { inputs, attrs: { exclusive, reverse } }, [dy]) => [
    b.emit('CumSum', [dy!, inputs[1]], { exclusive, reverse: 1 - reverse }),
    null,
  ],
});
