import type { OpDef } from '@pathwise/graph';
import { reduction } from '../families/reduction.ts';
import { jointly } from '../linearity.ts';

export const reduceSum: OpDef = reduction({
  name: 'ReduceSum',
  code: 0x0300,
  reduce(data, base, offsets) {
    let sum = 0;
    for (let k = 0; k < offsets.length; k++) sum += data[base + offsets[k]];
    return sum;
  },
  gradient: (_b, { dy }) => dy,
  affine: jointly,
  relevance: 'fixed-linear',
});
