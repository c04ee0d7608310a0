import type { OpDef } from '@pathwise/graph';
import { rearranging } from '../families/rearrangement.ts';

type DepthToSpaceAttrs = { blocksize: number; mode: 'DCR' | 'CRD' };

/**
 * Moves blocks of channels into blocks of pixels: [n, c * s * s, h, w] to [n, c, h * s, w * s]. In mode DCR the block
 * varies slower than the channel, in CRD faster (pixel shuffle).
 */
export const depthToSpace: OpDef = rearranging<DepthToSpaceAttrs>({
  name: 'DepthToSpace',
  code: 0x0616,
  attrs: {
    blocksize: { type: 'int', required: true },
    mode: { type: 'string', default: 'DCR', oneOf: ['DCR', 'CRD'] },
  },
  plan([n, channels, h, w], { blocksize: s, mode }) {
    const c = channels / (s * s);
    const result = [n, c, h * s, w * s];
    return mode === 'DCR'
      ? { view: [n, s, s, c, h, w], perm: [0, 3, 4, 1, 5, 2], result }
      : { view: [n, c, s, s, h, w], perm: [0, 1, 4, 2, 5, 3], result };
  },
  examples: [
    { name: 'DCR', attrs: { blocksize: 2 }, inputs: [[1, 8, 2, 3]] },
    { name: 'CRD', attrs: { blocksize: 2, mode: 'CRD' }, inputs: [[1, 8, 2, 3]] },
    { name: 'block of 3', attrs: { blocksize: 3 }, inputs: [[1, 9, 1, 2]] },
  ],
});
