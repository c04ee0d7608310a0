import type { Nodes } from './nodes.ts';

/**
 * Gauss-Legendre nodes and weights on [0, 1] by Newton's method on the Legendre polynomial P_n; exact for
 * polynomials of degree 2n - 1.
 *
 * @source Davis, Rabinowitz 1984, Methods of Numerical Integration, section 2.7 and appendix 2
 */
export function gaussLegendre(n: number): Nodes {
  const alphas = new Float64Array(n);
  const weights = new Float64Array(n);
  for (let i = 0; i < Math.ceil(n / 2); i++) {
    const last = n - 1 - i;
    const isMiddle = i === last;
    let t = isMiddle ? 0 : Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    if (!isMiddle) {
      for (let iteration = 0; iteration < 100; iteration++) {
        const { value, slope } = legendre(n, t);
        const step = value / slope;
        t -= step;
        if (Math.abs(step) < 1e-15) break;
      }
    }
    const { slope } = legendre(n, t);
    // The weight on [-1, 1] is 2 / ((1 - t^2) P_n'^2); half of it on [0, 1].
    const weight = 1 / ((1 - t * t) * slope * slope);
    alphas[i] = (1 - t) / 2;
    alphas[last] = (1 + t) / 2;
    weights[i] = weights[last] = weight;
  }
  return { alphas, weights };
}

/** P_n(t) and P_n'(t) by the three-term recurrence. */
function legendre(n: number, t: number): { value: number; slope: number } {
  let previous = 1;
  let value = t;
  for (let k = 2; k <= n; k++) [previous, value] = [value, ((2 * k - 1) * t * value - (k - 1) * previous) / k];
  return { value, slope: (n * (t * value - previous)) / (t * t - 1) };
}
