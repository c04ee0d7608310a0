import { graphBuilder } from '@pathwise/ops';
import { dense, filled, heWeights } from './weights.mjs';

/** A recurrent classifier: one LSTM of 128 units over 64 steps of 128 features, and a dense layer on its last state. */
export function lstm({ steps = 64, features = 128, hidden = 128, classes = 10, seed = 4 } = {}) {
  const b = graphBuilder();
  const weights = heWeights(seed);
  const x = b.input('x', [1, steps, features]);
  const w = weights([1, 4 * hidden, features], 2 * features);
  const r = weights([1, 4 * hidden, hidden], 2 * hidden);
  const bias = { ...filled(8 * hidden, 0.01), shape: [1, 8 * hidden] };
  const [, last] = b.apply(
    'LSTM',
    [b.transpose(x, [1, 0, 2]), b.constant(w), b.constant(r), b.constant(bias)],
    { hidden_size: hidden },
    { outputs: ['', 'last'] },
  );
  return b.build([dense(b, weights, b.reshape(last, [1, hidden]), classes, 'logits')], 'lstm');
}
