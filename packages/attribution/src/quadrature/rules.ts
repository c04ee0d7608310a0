import { argumentError } from '@pathwise/model';
import { clenshawCurtis } from './clenshaw-curtis.ts';
import { gaussLegendre } from './gauss-legendre.ts';
import type { Nodes } from './nodes.ts';

/** Fixed rules for the integral over [0, 1]. */
export type QuadratureRule = 'left' | 'right' | 'midpoint' | 'trapezoid' | 'gauss-legendre' | 'clenshaw-curtis';

export const quadratureRules: readonly QuadratureRule[] = [
  'left',
  'right',
  'midpoint',
  'trapezoid',
  'gauss-legendre',
  'clenshaw-curtis',
];

/** Most steps of a rule; making the weights of the last two takes time that grows with the square of them. */
const MOST_STEPS: Readonly<Record<QuadratureRule, number>> = {
  left: 1e6,
  right: 1e6,
  midpoint: 1e6,
  trapezoid: 1e6,
  'gauss-legendre': 1e4,
  'clenshaw-curtis': 1e4,
};

/**
 * Nodes and weights of a rule with n steps: n nodes; trapezoid and clenshaw-curtis have n + 1, both ends included.
 *
 * @param steps - n, an integer >= 1
 * @throws PathwiseError BAD_ARGUMENT if `steps` is no positive integer, or beyond a million (10,000 for
 *   gauss-legendre and clenshaw-curtis)
 * @source Davis, Rabinowitz 1984, Methods of Numerical Integration, chapter 2
 */
export function quadrature(rule: QuadratureRule, steps: number): Nodes {
  if (!Number.isInteger(steps) || steps < 1) {
    throw argumentError('quadrature', 'steps', 'an integer of at least 1', steps);
  }
  if (steps > MOST_STEPS[rule]) {
    throw argumentError(rule, 'steps', `at most ${MOST_STEPS[rule]}`, steps, 'Ask for a tolerance, or use midpoint');
  }
  switch (rule) {
    case 'left':
      return equidistant(steps, 0);
    case 'right':
      return equidistant(steps, 1);
    case 'midpoint':
      return equidistant(steps, 0.5);
    case 'trapezoid': {
      const weights = new Float64Array(steps + 1).fill(1 / steps);
      weights[0] = weights[steps] = 1 / (2 * steps);
      return { alphas: Float64Array.from({ length: steps + 1 }, (_, k) => k / steps), weights };
    }
    case 'gauss-legendre':
      return gaussLegendre(steps);
    case 'clenshaw-curtis':
      return clenshawCurtis(steps);
  }
}

/**
 * The same rule with half as many steps, as weights on the same nodes (0 where it has no node); null when the rule
 * has no such half: then there is no error estimate.
 */
export function coarserWeights(rule: QuadratureRule, steps: number): Float64Array | null {
  if ((rule !== 'trapezoid' && rule !== 'clenshaw-curtis') || steps % 2 !== 0) return null;
  const half = quadrature(rule, steps / 2).weights;
  return Float64Array.from({ length: steps + 1 }, (_, k) => (k % 2 === 0 ? half[k / 2] : 0));
}

function equidistant(steps: number, offset: number): Nodes {
  return {
    alphas: Float64Array.from({ length: steps }, (_, k) => (k + offset) / steps),
    weights: new Float64Array(steps).fill(1 / steps),
  };
}
