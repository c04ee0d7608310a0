import type { OpDef } from '@pathwise/graph';
import { rearranging } from '../families/rearrangement.ts';

type SpaceToDepthAttrs = { blocksize: number };

/** Moves blocks of pixels into channels: the inverse of DepthToSpace in mode DCR. */
export const spaceToDepth: OpDef = rearranging<SpaceToDepthAttrs>({
  name: 'SpaceToDepth',
  code: 0x0617,
  attrs: { blocksize: { type: 'int', required: true } },
  plan: ([n, c, height, width], { blocksize: s }) => ({
    view: [n, c, height / s, s, width / s, s],
    perm: [0, 3, 5, 1, 2, 4],
    result: [n, c * s * s, height / s, width / s],
  }),
  examples: [
    { name: 'block of 2', attrs: { blocksize: 2 }, inputs: [[1, 2, 4, 6]] },
    { name: 'block of 3', attrs: { blocksize: 3 }, inputs: [[1, 1, 3, 6]] },
  ],
});
