import { argumentError, sizeOf } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { channelNormalization } from '../families/channel-normalization.ts';

/** Standardizes groups of neighbouring channels together. @source Wu and He 2018, arXiv:1803.08494 */
export const groupNormalization: OpDef = channelNormalization<{ epsilon: number; num_groups: number }>({
  name: 'GroupNormalization',
  code: 0x0334,
  attrs: {
    epsilon: { type: 'float', default: 1e-5 },
    num_groups: { type: 'int', required: true },
    stash_type: { type: 'int', default: 1 },
  },
  rows(shape, { num_groups }) {
    if (num_groups < 1 || shape[1] % num_groups !== 0) {
      throw argumentError('attributes', 'num_groups', `a divisor of ${shape[1]} channels`, num_groups);
    }
    const rows = shape[0] * num_groups;
    return { rows, size: sizeOf(shape) / rows };
  },
  examples: [
    { name: 'two groups', attrs: { num_groups: 2 }, inputs: [[2, 4, 3], [4], [4]] },
    { name: 'one group', attrs: { num_groups: 1, epsilon: 0.1 }, inputs: [[1, 3, 2, 2], [3], [3]] },
  ],
});
