import { float32 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { binary } from '../families/binary.ts';
import { levelCrossings } from '../families/unary.ts';

/** x for x > 0, else slope x; its derivative at 0 is the slope. */
export const pRelu: OpDef = binary({
  name: 'PRelu',
  code: 0x020a,
  f: (x, slope) => (x < 0 ? slope * x : x),
  gradient(b, { x, y: slope, dout, needs }) {
    const positive = b.greater(x, 0);
    return [
      needs[0] ? b.where(positive, dout, b.mul(dout, slope)) : null,
      needs[1] ? b.where(positive, 0, b.mul(dout, x)) : null,
    ];
  },
  affine: (moving) => moving.every((i) => i === 1),
  piecewiseLinear: (moving) => moving.length <= 1,
  kinks: true,
  crossings: ([a], [b]) => levelCrossings(a!, b!, [0]),
  relevance: 'unary',
  examples: [
    { name: 'slope per channel', inputs: [[2, 3, 4], float32([3, 1], [0.25, -0.5, 2])] },
    { name: 'slope that moves', inputs: [[2, 3, 4], [1]] },
    {
      name: 'slope of full shape',
      inputs: [
        [2, 3],
        [2, 3],
      ],
    },
  ],
});
