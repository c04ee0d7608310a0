import type { OpDef } from '@pathwise/graph';
import { channelNormalization } from '../families/channel-normalization.ts';
import { rowsFrom } from '../families/normalization.ts';

/** Standardizes each channel of each example over its positions. @source Ulyanov et al. 2016, arXiv:1607.08022 */
export const instanceNormalization: OpDef = channelNormalization<{ epsilon: number }>({
  name: 'InstanceNormalization',
  code: 0x0333,
  attrs: { epsilon: { type: 'float', default: 1e-5 } },
  rows: (shape) => rowsFrom(shape, 2),
  examples: [
    { name: 'image', inputs: [[2, 3, 2, 3], [3], [3]] },
    { name: 'large epsilon', attrs: { epsilon: 0.5 }, inputs: [[1, 2, 4], [2], [2]] },
  ],
});
