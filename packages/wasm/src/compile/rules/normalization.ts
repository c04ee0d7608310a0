import { sizeOf } from '@pathwise/model';
import type { Emitter } from '../emitter.ts';
import type { View } from '../view.ts';
import { first, number, type Rule } from './rule.ts';

/** (x - mean) / sqrt(variance + epsilon) * scale + bias with statistics of each channel (training is refused before). */
const batchNormalization: Rule = (e, node) => {
  const x = first(e, node);
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) =>
    perChannel(e, e.input(node, i) as View, x.shape.length),
  );
  const deviation = e.map('squareRoot', [e.map('affine', [variance], 1, number(node, 'epsilon'))]);
  const factor = e.map('divide', [scale, deviation]);
  return [e.map('add', [e.map('multiply', [e.map('subtract', [x, mean]), factor]), bias])];
};

function perChannel(e: Emitter, parameter: View, rank: number): View {
  return e.reshape(parameter, [sizeOf(parameter.shape), ...new Array<number>(Math.max(0, rank - 2)).fill(1)]);
}

export const normalizationRules: Readonly<Record<string, Rule>> = { BatchNormalization: batchNormalization };
