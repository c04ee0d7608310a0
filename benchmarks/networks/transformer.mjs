import { graphBuilder } from '@pathwise/ops';
import { dense, filled, heWeights } from './weights.mjs';

/**
 * An encoder on embedded tokens: blocks of attention and a dense part of four times the width, each normalized before it
 * and added to what it read (Xiong et al. 2020, arXiv:2002.04745, figure 1 b); the mean over the tokens is classified.
 */
export function transformer({ blocks = 4, width = 128, heads = 4, tokens = 64, classes = 10, seed = 5 } = {}) {
  const b = graphBuilder();
  const weights = heWeights(seed);
  const normalize = (x) =>
    b.emit('LayerNormalization', [x, b.constant(filled(width, 1)), b.constant(filled(width, 0))]);
  // Gain 1 / sqrt 2: nothing is cut to zero on the way into these products.
  const project = (x, outputs, gain = Math.SQRT1_2) => {
    const inputs = b.shape(x)[2];
    return b.add(b.matmul(x, weights([inputs, outputs], inputs, gain)), filled(outputs, 0.01));
  };
  const perHead = (x) => b.transpose(b.reshape(x, [1, tokens, heads, width / heads]), [0, 2, 1, 3]);
  const attention = (x) => {
    const [q, k, v] = [1, 2, 3].map(() => perHead(project(x, width)));
    const scores = b.mul(b.matmul(q, b.transpose(k, [0, 1, 3, 2])), 1 / Math.sqrt(width / heads));
    const mixed = b.matmul(b.softmax(scores), v);
    return project(b.reshape(b.transpose(mixed, [0, 2, 1, 3]), [1, tokens, width]), width, 0.5);
  };
  let x = b.input('x', [1, tokens, width]);
  for (let i = 0; i < blocks; i++) {
    x = b.add(x, attention(normalize(x)));
    x = b.add(x, project(b.unary('Gelu', project(normalize(x), 4 * width, 1)), width, 0.5));
  }
  const mean = b.reduceMean(normalize(x), [1], false);
  return b.build([dense(b, weights, mean, classes, 'logits')], 'transformer');
}
