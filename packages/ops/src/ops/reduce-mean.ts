import type { OpDef } from '@pathwise/graph';
import { reduction } from '../families/reduction.ts';
import { jointly } from '../linearity.ts';

export const reduceMean: OpDef = reduction({
  name: 'ReduceMean',
  code: 0x0301,
  reduce(data, base, offsets) {
    let sum = 0;
    for (let k = 0; k < offsets.length; k++) sum += data[base + offsets[k]];
    return sum / offsets.length;
  },
  gradient: (b, { dy, count }) => b.div(dy, count),
  affine: jointly,
  relevance: 'fixed-linear',
});
