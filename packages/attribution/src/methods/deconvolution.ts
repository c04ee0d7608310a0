import type { Method } from '../method.ts';
import { guidedBackprop, rectifiedGradient, rectifiersParam } from './guided-backprop.ts';

/**
 * A gradient that passes a rectifier where it is positive, whether the rectifier is active or not: at y = relu(x), with
 * g the sum over all that y feeds, relu(g). Max pooling passes to the winner, as the paper's switches do.
 *
 * @source Zeiler and Fergus 2013, Visualizing and Understanding Convolutional Networks, arXiv:1311.2901, section 2.1
 */
export const deconvolution: Method = {
  ...guidedBackprop,
  id: 'deconvolution',
  title: 'Deconvolution',
  summary: 'A gradient that passes rectifiers where it is positive, whether they are active or not.',
  params: [rectifiersParam],
  reference: 'Zeiler and Fergus 2013, arXiv:1311.2901',
  propagation: ({ rectifiers }) => ({
    kind: 'rectified',
    gated: false,
    rectifiers: rectifiers === 'all' ? 'all' : 'relu',
  }),
  attribute: (context) => rectifiedGradient(context, deconvolution),
};
