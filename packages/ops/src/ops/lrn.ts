import { argumentError, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { aroundAxis } from '../axes.ts';
import type { OpBuilder } from '../builder.ts';
import { defineOp } from '../define-op.ts';
import { never } from '../linearity.ts';

type LrnAttrs = { alpha: number; beta: number; bias: number; size: number };

/**
 * x / (bias + alpha / size * sum of x^2 over `size` neighbouring channels)^beta.
 * @source Krizhevsky, Sutskever, Hinton 2012, section 3.3 (there alpha is not divided by size)
 */
export const lrn: OpDef = defineOp<LrnAttrs>({
  name: 'LRN',
  code: 0x0331,
  inputs: ['differentiable'],
  attrs: {
    alpha: { type: 'float', default: 1e-4 },
    beta: { type: 'float', default: 0.75 },
    bias: { type: 'float', default: 1 },
    size: { type: 'int', required: true },
  },
  relevance: 'normalization',
  affine: never,
  piecewiseLinear: never,
  kinks: false,
  infer([x], { size }) {
    if (size < 1) throw argumentError('attributes', 'size', 'a positive integer', size);
    return [{ dtype: x!.dtype, shape: x!.shape }];
  },
  forward([x], { alpha, beta, bias, size }) {
    const { outer, size: channels, inner } = aroundAxis(x!.shape, 1);
    const { before, after } = neighbours(size);
    const out = new Float64Array(x!.data.length);
    const sums = new Float64Array(inner);
    for (let n = 0; n < outer; n++) {
      for (let c = 0; c < channels; c++) {
        sums.fill(0);
        for (let k = Math.max(0, c - before); k <= Math.min(channels - 1, c + after); k++) {
          const at = (n * channels + k) * inner;
          for (let i = 0; i < inner; i++) sums[i] += x!.data[at + i] * x!.data[at + i];
        }
        const at = (n * channels + c) * inner;
        for (let i = 0; i < inner; i++) out[at + i] = x!.data[at + i] * (bias + (alpha / size) * sums[i]) ** -beta;
      }
    }
    return [out];
  },
  // d = bias + alpha mean(x^2), y = x d^-beta; dx = dy d^-beta - 2 alpha beta x mean'(dy y / d), mean' the adjoint
  vjp(b, { inputs: [x], outputs: [y], attrs }, [dy]) {
    const { alpha, beta, size } = attrs;
    const { before, after } = neighbours(size);
    const d = denominator(b, x, attrs);
    const spread = channelMean(b, b.div(b.mul(dy!, y), d), size, after, before);
    return [b.sub(b.mul(dy!, b.pow(d, -beta)), b.mul(b.mul(x, 2 * alpha * beta), spread))];
  },
  lower: (b, { inputs: [x], attrs }) => [b.mul(x, b.pow(denominator(b, x, attrs), -attrs.beta))],
  examples: [
    { name: 'three channels', attrs: { size: 3, alpha: 0.5 }, inputs: [[1, 5, 2, 2]] },
    { name: 'even size', attrs: { size: 4, alpha: 0.7, beta: 0.5, bias: 2 }, inputs: [[2, 5, 3]] },
    { name: 'window wider than the channels', attrs: { size: 7, alpha: 1 }, inputs: [[1, 3, 2]] },
  ],
});

/** The window reaches this many channels before and after. */
function neighbours(size: number): { before: number; after: number } {
  return { before: Math.floor((size - 1) / 2), after: Math.ceil((size - 1) / 2) };
}

function denominator(b: OpBuilder, x: string, { alpha, bias, size }: LrnAttrs): string {
  const { before, after } = neighbours(size);
  return b.add(b.mul(channelMean(b, b.mul(x, x), size, before, after), alpha), bias);
}

/** Sum over neighbouring channels, missing ones counting as 0, divided by `size`. */
function channelMean(b: OpBuilder, x: string, size: number, before: number, after: number): string {
  const shape: Shape = b.shape(x);
  const { outer, size: channels, inner } = aroundAxis(shape, 1);
  const pooled = b.averagePool(b.reshape(x, [outer, 1, channels, inner]), [size, 1], {
    pads: [before, 0, after, 0],
    count_include_pad: 1,
  });
  return b.reshape(pooled, shape);
}
