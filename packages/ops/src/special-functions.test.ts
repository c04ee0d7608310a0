import { describe, expect, test } from 'vitest';
import { erf, erfc, softplus } from './special-functions.ts';

// x, erf(x), erfc(x). Source: mpmath 1.3 with 40 digits, rounded to float64. 0.46875 and 4 join two approximations.
const ERROR_FUNCTION = [
  [1e-300, 1.1283791670955126e-300, 1],
  [1e-10, 1.1283791670955126e-10, 0.999999999887162],
  [0.1, 0.1124629160182849, 0.887537083981715],
  [0.3, 0.3286267594591274, 0.6713732405408726],
  [0.46875, 0.49261347321793797, 0.507386526782062],
  [0.47, 0.4937450508860821, 0.5062549491139179],
  [0.9, 0.7969082124228322, 0.20309178757716786],
  [1.5, 0.9661051464753108, 0.033894853524689274],
  [2.7, 0.9998656672600594, 0.0001343327399405242],
  [4, 0.9999999845827421, 1.541725790028002e-8],
  [4.1, 0.9999999932999724, 6.700027654084918e-9],
  [5.9, 0.9999999999999999, 7.190409783550478e-17],
  [26, 1, 5.663192408856143e-296],
] as const;

describe('erf and erfc', () => {
  test.each(ERROR_FUNCTION)('at %f', (x, value, complement) => {
    expect(erf(x)).toBeClose(value, { rtol: 1e-15 });
    expect(erf(-x)).toBeClose(-value, { rtol: 1e-15 });
    expect(erfc(x)).toBeClose(complement, { rtol: 3e-15 });
    expect(erfc(-x)).toBeClose(1 + value, { rtol: 1e-15 });
  });

  test('limits and NaN', () => {
    expect([erf(0), erf(Infinity), erf(-Infinity), erf(NaN)]).toEqual([0, 1, -1, NaN]);
    expect([erfc(Infinity), erfc(-Infinity), erfc(NaN)]).toEqual([0, 2, NaN]);
    expect(Object.is(erf(-0), -0)).toBe(true);
  });
});

// Source: mpmath 1.3 with 40 digits, log1p(exp(x)).
test.each([
  [-700, 9.85967654375977e-305],
  [-40, 4.248354255291589e-18],
  [-3, 0.04858735157374206],
  [0, 0.6931471805599453],
  [1, 1.3132616875182228],
  [40, 40],
  [1000, 1000],
])('softplus at %f', (x, expected) => {
  expect(softplus(x)).toBeClose(expected, { rtol: 1e-15 });
});
