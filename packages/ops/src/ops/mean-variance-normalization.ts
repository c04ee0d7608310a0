import type { OpDef } from '@pathwise/graph';
import { normalizeAxes } from '../axes.ts';
import { defineOp } from '../define-op.ts';
import { groups } from '../families/reduction.ts';
import { never } from '../linearity.ts';

type MvnAttrs = { axes: readonly number[] };

/** Added to the standard deviation. Source: ONNX operator MeanVarianceNormalization, function body. */
const EPSILON = 1e-9;

/** (x - mean) / (standard deviation + 1e-9) over `axes`. */
export const meanVarianceNormalization: OpDef = defineOp<MvnAttrs>({
  name: 'MeanVarianceNormalization',
  code: 0x0337,
  inputs: ['differentiable'],
  attrs: { axes: { type: 'ints', default: [0, 2, 3] } },
  relevance: 'normalization',
  affine: never,
  piecewiseLinear: never,
  kinks: false,
  infer([x], { axes }) {
    normalizeAxes(axes, x!.shape.length);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  forward([x], { axes }) {
    const { bases, offsets } = groups(x!, normalizeAxes(axes, x!.shape.length));
    const { data } = x!;
    const count = offsets.length;
    const out = new Float64Array(data.length);
    for (const base of bases) {
      let sum = 0;
      for (let k = 0; k < count; k++) sum += data[base + offsets[k]];
      const mean = sum / count;
      let squares = 0;
      for (let k = 0; k < count; k++) squares += (data[base + offsets[k]] - mean) ** 2;
      const scale = 1 / (Math.sqrt(squares / count) + EPSILON);
      for (let k = 0; k < count; k++) out[base + offsets[k]] = (data[base + offsets[k]] - mean) * scale;
    }
    return [out];
  },
  // s: standard deviation, e = s + 1e-9, y = (x - mean) / e; dx = (dy - mean(dy) - y mean(dy y) e / s) / e. Where s = 0
  // (elements all equal, or only one) y is 0 and its last term too.
  vjp(b, { inputs: [x], outputs: [y], attrs: { axes } }, [dy]) {
    const deviation = b.sub(x, b.reduceMean(x, axes));
    const s = b.sqrt(b.reduceMean(b.mul(deviation, deviation), axes));
    const e = b.add(s, EPSILON);
    const along = b.mul(y, b.mul(b.reduceMean(b.mul(dy!, y), axes), b.div(e, b.where(b.equal(s, 0), 1, s))));
    return [b.div(b.sub(b.sub(dy!, b.reduceMean(dy!, axes)), along), e)];
  },
  lower(b, { inputs: [x], attrs: { axes } }) {
    const deviation = b.sub(x, b.reduceMean(x, axes));
    const s = b.sqrt(b.reduceMean(b.mul(deviation, deviation), axes));
    return [b.div(deviation, b.add(s, EPSILON))];
  },
  examples: [
    { name: 'per channel', inputs: [[1, 2, 3, 2]] },
    { name: 'chosen axes', attrs: { axes: [-1, 1] }, inputs: [[2, 3, 4]] },
  ],
});
