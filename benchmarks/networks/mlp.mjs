import { graphBuilder } from '@pathwise/ops';
import { dense, heWeights } from './weights.mjs';

/** Dense layers with ReLU between them: 784-512-512-10 by default. */
export function mlp({ sizes = [784, 512, 512, 10], seed = 3 } = {}) {
  const b = graphBuilder();
  const weights = heWeights(seed);
  let x = b.input('x', [1, sizes[0]]);
  for (const size of sizes.slice(1, -1)) x = b.relu(dense(b, weights, x, size));
  return b.build([dense(b, weights, x, sizes.at(-1), 'logits')], 'mlp');
}
