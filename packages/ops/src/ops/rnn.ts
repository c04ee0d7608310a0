import type { OpDef } from '@pathwise/graph';
import { recurrent } from '../families/recurrent.ts';
import type { RecurrentAttrs } from '../families/recurrent-cell.ts';
import { addRecurrent } from '../families/recurrent-run.ts';

/** h = f(W x + Wb + R h + Rb) */
export const rnn: OpDef = recurrent<RecurrentAttrs>({
  name: 'RNN',
  code: 0x0420,
  gates: 1,
  activations: ['Tanh'],
  step({ x, h, r, rb, activations: [f] }) {
    const z = x.slice();
    addRecurrent(z, r, h);
    for (let i = 0; i < h.length; i++) h[i] = f.value(z[i] + (rb === null ? 0 : rb[i]));
  },
  emit: (b, refs) => ({ h: refs.activations[0].emit(b, b.add(refs.x, refs.recurrent(refs.h, 0, 1))), c: refs.c }),
  examples: [
    {
      name: 'one direction',
      inputs: [
        [3, 2, 2],
        [1, 4, 2],
        [1, 4, 4],
        [1, 8],
      ],
    },
    {
      name: 'reverse, layout 1, initial state, Softsign',
      attrs: { direction: 'reverse', layout: 1, activations: ['Softsign'] },
      inputs: [[2, 3, 2], [1, 3, 2], [1, 3, 3], null, null, [2, 1, 3]],
      outputs: 2,
    },
    {
      name: 'bidirectional, other activations',
      attrs: {
        direction: 'bidirectional',
        activations: ['Affine', 'ScaledTanh'],
        activation_alpha: [0.5, 0.7],
        activation_beta: [0.1, 0.3],
      },
      inputs: [
        [2, 1, 2],
        [2, 3, 2],
        [2, 3, 3],
        [2, 6],
      ],
      outputs: 2,
    },
    {
      name: 'bidirectional, Elu and Softplus',
      attrs: { direction: 'bidirectional', activations: ['Elu', 'Softplus'], activation_alpha: [0.5] },
      inputs: [
        [2, 1, 2],
        [2, 3, 2],
        [2, 3, 3],
        [2, 6],
      ],
    },
    {
      name: 'bidirectional, LeakyRelu and HardSigmoid',
      attrs: { direction: 'bidirectional', activations: ['LeakyRelu', 'HardSigmoid'] },
      inputs: [
        [2, 1, 2],
        [2, 3, 2],
        [2, 3, 3],
        [2, 6],
      ],
    },
    {
      name: 'bidirectional, Relu and ThresholdedRelu',
      attrs: { direction: 'bidirectional', activations: ['Relu', 'ThresholdedRelu'] },
      inputs: [
        [2, 1, 2],
        [2, 3, 2],
        [2, 3, 3],
        [2, 6],
      ],
    },
  ],
});
