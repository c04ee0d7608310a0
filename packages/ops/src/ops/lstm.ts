import { int64 } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { recurrent } from '../families/recurrent.ts';
import type { RecurrentAttrs } from '../families/recurrent-cell.ts';
import { addRecurrent } from '../families/recurrent-run.ts';
import { splitEvenly } from '../families/recurrent-unroll.ts';

type LstmAttrs = RecurrentAttrs & { input_forget: number };

/**
 * Gates i, o, f and candidate g from W x + R h and biases, with peepholes P on the cell state:
 * c' = f * c + i * g, h = o * h(c'), where o looks at c' and i, f at c. With input_forget, f = 1 - i.
 */
export const lstm: OpDef = recurrent<LstmAttrs>({
  name: 'LSTM',
  code: 0x0422,
  gates: 4,
  hasCell: true,
  attrs: { input_forget: { type: 'int', default: 0 } },
  activations: ['Sigmoid', 'Tanh', 'Tanh'],
  step({ x, h, c, r, rb, p, hidden, activations: [f, g, out] }, attrs) {
    const z = x.slice();
    addRecurrent(z, r, h);
    if (rb !== null) for (let i = 0; i < z.length; i++) z[i] += rb[i];
    for (let k = 0; k < hidden; k++) {
      const peep = (gate: number, state: number): number => (p === null ? 0 : p[gate * hidden + k] * state);
      const input = f.value(z[k] + peep(0, c[k]));
      const forget = attrs.input_forget ? 1 - input : f.value(z[2 * hidden + k] + peep(2, c[k]));
      c[k] = forget * c[k] + input * g.value(z[3 * hidden + k]);
      h[k] = f.value(z[hidden + k] + peep(1, c[k])) * out.value(c[k]);
    }
  },
  emit(b, { x, h, c, recurrent: linear, peephole, activations: [f, g, out] }, attrs) {
    const [zi, zo, zf, zg] = splitEvenly(b, b.add(x, linear(h, 0, 4)), 4, 1);
    const peep = (z: string, gate: number, state: string): string => {
      const weights = peephole(gate);
      return weights === null ? z : b.add(z, b.mul(weights, state));
    };
    const input = f.emit(b, peep(zi, 0, c));
    const forget = attrs.input_forget ? b.sub(1, input) : f.emit(b, peep(zf, 2, c));
    const next = b.add(b.mul(forget, c), b.mul(input, g.emit(b, zg)));
    return { h: b.mul(f.emit(b, peep(zo, 1, next)), out.emit(b, next)), c: next };
  },
  examples: [
    {
      name: 'one direction',
      inputs: [
        [3, 2, 2],
        [1, 12, 2],
        [1, 12, 3],
        [1, 24],
      ],
    },
    {
      name: 'all outputs, no bias',
      inputs: [
        [2, 1, 3],
        [1, 8, 3],
        [1, 8, 2],
      ],
      outputs: 3,
    },
    {
      name: 'bidirectional, initial states, peepholes',
      attrs: { direction: 'bidirectional' },
      inputs: [[2, 1, 2], [2, 8, 2], [2, 8, 2], [2, 16], null, [2, 1, 2], [2, 1, 2], [2, 6]],
      outputs: 3,
    },
    {
      name: 'layout 1, reverse, input and forget coupled',
      attrs: { direction: 'reverse', layout: 1, input_forget: 1 },
      inputs: [[2, 2, 2], [1, 8, 2], [1, 8, 2], [1, 16], null, [2, 1, 2], [2, 1, 2], [1, 6]],
      outputs: 3,
    },
    {
      name: 'shorter sequence, other activations',
      attrs: { activations: ['HardSigmoid', 'Softsign', 'Softsign'] },
      inputs: [[4, 1, 2], [1, 8, 2], [1, 8, 2], [1, 16], int64([1], [3])],
      outputs: 3,
    },
  ],
});
