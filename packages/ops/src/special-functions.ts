// Rational Chebyshev approximations of the error function on three intervals; coefficients from the lowest power up.
// Source: W. J. Cody, Rational Chebyshev approximations for the error function, Math. Comp. 23 (1969), 631-637.

/** erf(x) = x P(x^2) / Q(x^2) for |x| <= 0.46875. */
const SMALL_P = [3209.3775891384694, 377.485237685302, 113.86415415105016, 3.1611237438705655, 0.18577770618460315];
const SMALL_Q = [2844.236833439171, 1282.6165260773723, 244.02463793444417, 23.601290952344122, 1];

/** erfc(x) = exp(-x^2) P(x) / Q(x) for 0.46875 <= x <= 4. */
const MIDDLE_P = [
  1230.3393547979972, 2051.0783778260716, 1712.0476126340707, 881.952221241769, 298.6351381974001, 66.11919063714163,
  8.883149794388377, 0.5641884969886701, 2.1531153547440383e-8,
];
const MIDDLE_Q = [
  1230.3393548037495, 3439.3676741437216, 4362.619090143247, 3290.7992357334597, 1621.3895745666903, 537.1811018620099,
  117.6939508913125, 15.744926110709835, 1,
];

/** erfc(x) = exp(-x^2) / x (1 / sqrt(pi) - u P(u) / Q(u)) with u = 1 / x^2 for x >= 4. */
const LARGE_P = [
  0.0006587491615298378, 0.016083785148742275, 0.12578172611122926, 0.36034489994980445, 0.30532663496123236,
  0.016315387137302097,
];
const LARGE_Q = [
  0.0023352049762686918, 0.06051834131244132, 0.5279051029514285, 1.8729528499234673, 2.568520192289822, 1,
];

/** The error function 2 / sqrt(pi) * integral of exp(-t^2) from 0 to x; relative error below 1e-15. */
export function erf(x: number): number {
  if (Math.abs(x) <= 0.46875) return smallErf(x);
  return x > 0 ? 1 - upperErfc(x) : upperErfc(-x) - 1;
}

/** 1 - erf(x) without cancellation for large x; relative error below 3e-15 where the result is a normal number. */
export function erfc(x: number): number {
  if (Math.abs(x) <= 0.46875) return 1 - smallErf(x);
  return x > 0 ? upperErfc(x) : 2 - upperErfc(-x);
}

/** log(1 + exp(x)), neither overflowing for large x nor vanishing for small. */
export function softplus(x: number): number {
  return Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
}

function smallErf(x: number): number {
  const square = x * x;
  return (x * polynomial(SMALL_P, square)) / polynomial(SMALL_Q, square);
}

/** erfc for x > 0.46875. */
function upperErfc(x: number): number {
  if (x > 28) return 0;
  if (x <= 4) return (expMinusSquare(x) * polynomial(MIDDLE_P, x)) / polynomial(MIDDLE_Q, x);
  const u = 1 / (x * x);
  const tail = 1 / Math.sqrt(Math.PI) - (u * polynomial(LARGE_P, u)) / polynomial(LARGE_Q, u);
  return (expMinusSquare(x) / x) * tail;
}

/** exp(-x^2) with x = head + rest, where head^2 is exact: the rounding of x^2 would be multiplied by x^2. */
function expMinusSquare(x: number): number {
  const head = Math.trunc(x * 16) / 16;
  return Math.exp(-head * head) * Math.exp(-(x - head) * (x + head));
}

function polynomial(coefficients: readonly number[], x: number): number {
  let value = 0;
  for (let i = coefficients.length - 1; i >= 0; i--) value = value * x + coefficients[i];
  return value;
}
