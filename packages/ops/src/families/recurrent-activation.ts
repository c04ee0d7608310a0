import { argumentError } from '@pathwise/model';
import type { OpBuilder } from '../builder.ts';

/** An activation of a recurrent cell, for numbers and for graphs. */
export interface Activation {
  readonly value: (x: number) => number;
  readonly emit: (b: OpBuilder, x: string) => string;
}

interface ActivationRule {
  /** Default of each parameter that it takes from activation_alpha and activation_beta. */
  readonly alpha?: number;
  readonly beta?: number;
  readonly value: (alpha: number, beta: number) => (x: number) => number;
  readonly emit: (b: OpBuilder, x: string, alpha: number, beta: number) => string;
}

const RULES: Readonly<Record<string, ActivationRule>> = {
  affine: {
    alpha: 1,
    beta: 0,
    value: (alpha, beta) => (x) => alpha * x + beta,
    emit: (b, x, alpha, beta) => b.add(b.mul(x, alpha), beta),
  },
  elu: {
    alpha: 1,
    value: (alpha) => (x) => (x < 0 ? alpha * Math.expm1(x) : x),
    emit: (b, x, alpha) => b.unary('Elu', x, { alpha }),
  },
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    value: (alpha, beta) => (x) => Math.max(0, Math.min(1, alpha * x + beta)),
    emit: (b, x, alpha, beta) => b.unary('HardSigmoid', x, { alpha, beta }),
  },
  leakyrelu: {
    alpha: 0.01,
    value: (alpha) => (x) => (x < 0 ? alpha * x : x),
    emit: (b, x, alpha) => b.unary('LeakyRelu', x, { alpha }),
  },
  relu: { value: () => (x) => Math.max(0, x), emit: (b, x) => b.relu(x) },
  scaledtanh: {
    alpha: 1,
    beta: 1,
    value: (alpha, beta) => (x) => alpha * Math.tanh(beta * x),
    emit: (b, x, alpha, beta) => b.mul(b.tanh(b.mul(x, beta)), alpha),
  },
  sigmoid: { value: () => (x) => 1 / (1 + Math.exp(-x)), emit: (b, x) => b.sigmoid(x) },
  softplus: {
    value: () => (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
    emit: (b, x) => b.unary('Softplus', x),
  },
  softsign: { value: () => (x) => x / (1 + Math.abs(x)), emit: (b, x) => b.unary('Softsign', x) },
  tanh: { value: () => Math.tanh, emit: (b, x) => b.tanh(x) },
  thresholdedrelu: {
    alpha: 1,
    value: (alpha) => (x) => (x > alpha ? x : 0),
    emit: (b, x, alpha) => b.unary('ThresholdedRelu', x, { alpha }),
  },
};

/**
 * The activations of that name (in any case), in order; each takes its parameters from the front of the lists.
 * @throws PathwiseError BAD_ARGUMENT for an unknown name.
 */
export function activationsOf(
  names: readonly string[],
  alphas: readonly number[],
  betas: readonly number[],
): Activation[] {
  let [a, z] = [0, 0];
  return names.map((name) => {
    const rule = RULES[name.toLowerCase()];
    if (rule === undefined) {
      throw argumentError('recurrent', 'activations', `names among ${Object.keys(RULES).join(', ')}`, name);
    }
    const alpha = rule.alpha === undefined ? 0 : (alphas[a++] ?? rule.alpha);
    const beta = rule.beta === undefined ? 0 : (betas[z++] ?? rule.beta);
    return { value: rule.value(alpha, beta), emit: (b, x) => rule.emit(b, x, alpha, beta) };
  });
}
