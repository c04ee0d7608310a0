import fc from 'fast-check';
import type { Attrs } from '@pathwise/graph';
import { int64 } from '@pathwise/model';
import { between, bit, list, upTo } from './arbitraries.ts';
import type { GeneratedCase, Generators } from './generated-case.ts';

const ACTIVATIONS = [
  'Sigmoid',
  'Tanh',
  'Relu',
  'Affine',
  'Elu',
  'HardSigmoid',
  'LeakyRelu',
  'ScaledTanh',
  'Softplus',
  'Softsign',
  'ThresholdedRelu',
];

interface Cell {
  readonly gates: number;
  /** Number of activation functions a direction. */
  readonly functions: number;
  readonly hasCell: boolean;
}

/** Sizes, direction, layout, which optional inputs there are, activations by default or chosen. */
function layer({ gates, functions, hasCell }: Cell, own: fc.Arbitrary<Attrs>): fc.Arbitrary<GeneratedCase> {
  return fc
    .record({
      steps: upTo(3),
      batch: upTo(2),
      features: upTo(2),
      hidden: upTo(2),
      direction: fc.constantFrom('forward', 'reverse', 'bidirectional'),
      layout: bit,
      bias: fc.boolean(),
      shorter: fc.boolean(),
      states: fc.boolean(),
      peepholes: fc.boolean(),
      chosen: fc.boolean(),
      outputs: upTo(hasCell ? 3 : 2),
    })
    .chain((o) => {
      const directions = o.direction === 'bidirectional' ? 2 : 1;
      const count = directions * functions;
      const activations = fc
        .tuple(
          list(count, fc.constantFrom(...ACTIVATIONS)),
          list(count, between(0.3, 1.5)),
          list(count, between(-0.5, 0.5)),
        )
        .map(([names, alpha, beta]) => ({ activations: names, activation_alpha: alpha, activation_beta: beta }));
      const state = o.layout ? [o.batch, directions, o.hidden] : [directions, o.batch, o.hidden];
      return fc
        .tuple(own, o.chosen ? activations : fc.constant({}), upTo(o.steps))
        .map(([attrs, functionsGiven, length]) => ({
          attrs: {
            direction: o.direction,
            layout: o.layout,
            hidden_size: o.hidden,
            ...attrs,
            ...functionsGiven,
          },
          inputs: [
            o.layout ? [o.batch, o.steps, o.features] : [o.steps, o.batch, o.features],
            [directions, gates * o.hidden, o.features],
            [directions, gates * o.hidden, o.hidden],
            o.bias ? [directions, 2 * gates * o.hidden] : null,
            o.shorter ? int64([o.batch], new Array<number>(o.batch).fill(length)) : null,
            o.states ? state : null,
            ...(hasCell ? [o.states ? state : null, o.peepholes ? [directions, 3 * o.hidden] : null] : []),
          ],
          outputs: o.outputs,
        }));
    });
}

export const RECURRENT: Generators = {
  RNN: layer({ gates: 1, functions: 1, hasCell: false }, fc.constant({})),
  GRU: layer({ gates: 3, functions: 2, hasCell: false }, fc.record({ linear_before_reset: bit })),
  LSTM: layer({ gates: 4, functions: 3, hasCell: true }, fc.record({ input_forget: bit })),
};
