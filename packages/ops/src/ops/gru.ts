import { int64 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { recurrent } from '../families/recurrent.ts';
import type { RecurrentAttrs } from '../families/recurrent-cell.ts';
import { addRecurrent } from '../families/recurrent-run.ts';
import { splitEvenly } from '../families/recurrent-unroll.ts';

type GruAttrs = RecurrentAttrs & { linear_before_reset: number };

/**
 * z = f(Wz x + Rz h), r = f(Wr x + Rr h), n = g(Wh x + Rh (r * h)) or, with linear_before_reset, g(Wh x + r * (Rh h)),
 * each with its biases; then h = (1 - z) * n + z * h.
 */
export const gru: OpDef = recurrent<GruAttrs>({
  name: 'GRU',
  code: 0x0421,
  gates: 3,
  attrs: { linear_before_reset: { type: 'int', default: 0 } },
  activations: ['Sigmoid', 'Tanh'],
  step({ x, h, r, rb, hidden, activations: [f, g] }, attrs) {
    const gates = x.slice(0, 2 * hidden);
    addRecurrent(gates, r, h);
    for (let i = 0; i < 2 * hidden; i++) gates[i] = f.value(gates[i] + (rb === null ? 0 : rb[i]));
    const reset = gates.subarray(hidden);
    const fresh = new Float64Array(hidden);
    if (rb !== null) fresh.set(rb.subarray(2 * hidden));
    if (attrs.linear_before_reset) {
      addRecurrent(fresh, r, h, 2 * hidden);
      for (let i = 0; i < hidden; i++) fresh[i] *= reset[i];
    } else {
      const kept = h.slice();
      for (let i = 0; i < hidden; i++) kept[i] *= reset[i];
      addRecurrent(fresh, r, kept, 2 * hidden);
    }
    for (let i = 0; i < hidden; i++) {
      h[i] = (1 - gates[i]) * g.value(x[2 * hidden + i] + fresh[i]) + gates[i] * h[i];
    }
  },
  emit(b, { x, h, c, recurrent: linear, activations: [f, g] }, attrs) {
    const [xz, xr, xn] = splitEvenly(b, x, 3, 1);
    const [hz, hr] = splitEvenly(b, linear(h, 0, 2), 2, 1);
    const update = f.emit(b, b.add(xz, hz));
    const reset = f.emit(b, b.add(xr, hr));
    const fresh = attrs.linear_before_reset ? b.mul(reset, linear(h, 2, 1)) : linear(b.mul(reset, h), 2, 1);
    const next = g.emit(b, b.add(xn, fresh));
    return { h: b.add(b.mul(b.sub(1, update), next), b.mul(update, h)), c };
  },
  examples: [
    {
      name: 'one direction',
      inputs: [
        [3, 2, 2],
        [1, 9, 2],
        [1, 9, 3],
        [1, 18],
      ],
    },
    {
      name: 'linear before reset, initial state',
      attrs: { linear_before_reset: 1 },
      inputs: [[2, 1, 2], [1, 9, 2], [1, 9, 3], [1, 18], null, [1, 1, 3]],
      outputs: 2,
    },
    {
      name: 'bidirectional, layout 1, no bias',
      attrs: { direction: 'bidirectional', layout: 1 },
      inputs: [
        [2, 2, 3],
        [2, 6, 3],
        [2, 6, 2],
      ],
      outputs: 2,
    },
    {
      name: 'reverse, shorter sequence',
      attrs: { direction: 'reverse' },
      inputs: [[3, 1, 2], [1, 6, 2], [1, 6, 2], [1, 12], int64([1], [2])],
      outputs: 2,
    },
  ],
});
