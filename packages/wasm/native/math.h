// Elementary functions. No libm in a freestanding build, and hosts must agree bit for bit, so they are written here.
// Vector ones are good to a few units in the last place of a float; those of doubles, for ops that are rare, to 1e-12.
#pragma once
#include "lanes.h"

#define LN2 0.69314718055994530942
#define PI 3.14159265358979323846

// Adding 1.5 * 2^23 rounds a float below 2^22 to the nearest integer, halves to even, and leaves it in the low bits.
#define ROUNDER 12582912.0f

// A polynomial by its coefficients, that of the highest power first.
INLINE lanes polynomial(const float *c, int count, lanes x) {
  lanes sum = splat(c[0]);
  _Pragma("GCC unroll 8") for (int i = 1; i < count; i++) sum = multiply_add(sum, x, splat(c[i]));
  return sum;
}
#define POLYNOMIAL(C, X) polynomial(C, sizeof(C) / sizeof *(C), X)

INLINE lanes lanes_sqrt(lanes x) {
#if __has_builtin(__builtin_elementwise_sqrt)
  return __builtin_elementwise_sqrt(x);
#else
  for (int n = 0; n < LANES; n++) x[n] = __builtin_sqrtf(x[n]);
  return x;
#endif
}

// exp(x) = 2^k exp(r), |r| <= ln 2 / 2, exp(r) by its Taylor polynomial (the next term is below 6e-9).
// ln 2 in two parts so that k * 0.693359375 is exact. Beyond the bounds the result is infinite or 0 by itself; not a
// number stays one.
INLINE lanes lanes_exp(lanes x) {
  lanes t = at_least(at_most(x, splat(89.0f)), splat(-105.0f));
  lanes shifted = multiply_add(t, splat(1.44269504f), splat(ROUNDER));
  mask k = (mask)shifted - (mask)splat(ROUNDER);
  lanes whole = shifted - splat(ROUNDER);
  lanes r = multiply_add(whole, splat(2.12194440e-4f), multiply_add(whole, splat(-0.693359375f), t));
  const float c[] = {1.0f / 5040, 1.0f / 720, 1.0f / 120, 1.0f / 24, 1.0f / 6, 0.5f, 1.0f, 1.0f};
  lanes p = POLYNOMIAL(c, r);
  // Two factors, since 2^128 alone is not a float, nor 2^-150. Unsigned, since k of a NaN may be anything.
  bit_lanes half = (bit_lanes)(k >> 1);
  return p * (lanes)((half + 127u) << 23) * (lanes)(((bit_lanes)k - half + 127u) << 23);
}

// log(2^k m) = k ln 2 + 2 artanh(s), s = (m - 1) / (m + 1), m in [sqrt(1/2), sqrt(2)).
INLINE lanes lanes_log(lanes x) {
  mask tiny = x < splat(1.17549435e-38f);
  lanes scaled = select(tiny, x * splat(16777216.0f), x);
  // Unsigned, since the bits of a negative number or a NaN may overflow.
  mask bits = (mask)((bit_lanes)scaled - 0x3f3504f3u);
  mask k = bits >> 23;
  lanes m = (lanes)((bit_lanes)scaled - ((bit_lanes)k << 23));
  lanes whole = __builtin_convertvector(k, lanes) - select(tiny, splat(24.0f), splat(0.0f));
  lanes s = (m - splat(1.0f)) / (m + splat(1.0f));
  lanes z = s * s;
  lanes p = splat(2.0f / 9) * z + splat(2.0f / 7);
  p = p * z + splat(2.0f / 5);
  p = p * z + splat(2.0f / 3);
  lanes y = whole * splat(0.693359375f) + (s * splat(2.0f) + (s * z * p - whole * splat(2.12194440e-4f)));
  y = select(x == splat(__builtin_inff()), x, y);
  y = select(x == splat(0.0f), splat(-__builtin_inff()), y);
  return select(x >= splat(0.0f), y, splat(__builtin_nanf("")));
}

INLINE lanes lanes_abs(lanes x) { return (lanes)((mask)x & 0x7fffffff); }

INLINE lanes lanes_sigmoid(lanes x) { return splat(1.0f) / (splat(1.0f) + lanes_exp(-x)); }

// Near 0 an odd polynomial, fitted to tanh on [0, 0.625] (relative error 4e-9); else 1 - 2 / (exp(2x) + 1).
INLINE lanes lanes_tanh(lanes x) {
  lanes z = x * x;
  const float c[] = {-5.71704108e-3f, 2.06505847e-2f, -5.37434976e-2f, 1.33314913e-1f, -3.33332839e-1f};
  lanes p = POLYNOMIAL(c, z);
  lanes far = splat(1.0f) - splat(2.0f) / (lanes_exp(x + x) + splat(1.0f));
  return select(lanes_abs(x) < splat(0.625f), multiply_add(x, z * p, x), far);
}

// x p(x^2) / q(x^2), fitted to erf on [0, 4] (relative error 2.5e-8, in float32 below 4e-7), where erf is 1 to rounding.
INLINE lanes lanes_erf(lanes x) {
  lanes t = at_least(at_most(x, splat(4.0f)), splat(-4.0f)), z = t * t;
  const float a[] = {1.98679659e-6f, 2.84562956e-4f, 3.88323245e-3f, 5.31014023e-2f, 1.93542524e-1f, 1.12837914f};
  const float b[] = {3.74201674e-5f, 1.18554323e-3f, 1.5207029e-2f, 1.15348943e-1f, 5.04855152e-1f, 1.0f};
  lanes p = POLYNOMIAL(a, z), q = POLYNOMIAL(b, z);
  return at_least(at_most(t * p / q, splat(1.0f)), splat(-1.0f));
}

// log(1 + exp(x)) = max(x, 0) + log(1 + exp(-|x|)).
INLINE lanes lanes_softplus(lanes x) {
  return select(x > splat(0.0f), x, splat(0.0f)) + lanes_log(splat(1.0f) + lanes_exp(-lanes_abs(x)));
}

// Beyond 2^23 every float is an integer already.
INLINE lanes lanes_round(lanes x) {
  lanes magnitude = lanes_abs(x);
  lanes rounded = (magnitude + splat(8388608.0f)) - splat(8388608.0f);
  lanes signed_ = (lanes)((mask)rounded | ((mask)x & (int32_t)0x80000000));
  return select(magnitude < splat(8388608.0f), signed_, x);
}
INLINE lanes lanes_floor(lanes x) {
  lanes r = lanes_round(x);
  return select(r > x, r - splat(1.0f), r);
}
INLINE lanes lanes_ceil(lanes x) {
  lanes r = lanes_round(x);
  return select(r < x, r + splat(1.0f), r);
}

static double power_of_two(int k) {
  union { uint64_t bits; double value; } u = {(uint64_t)(k + 1023) << 52};
  return u.value;
}

static double exp_double(double x) {
  if (!(x > -745)) return x == x ? 0 : x;
  if (x > 709) return __builtin_inf();
  int k = (int)(x / LN2 + (x < 0 ? -0.5 : 0.5));
  double r = x - k * 0.693147180369123816490 - k * 1.90821492927058770002e-10, sum = 1;
  for (int n = 14; n > 0; n--) sum = 1 + sum * r / n;
  return k < -1000 ? sum * power_of_two(k + 100) * power_of_two(-100) : sum * power_of_two(k);
}

static double log_double(double x) {
  if (!(x > 0)) return x == 0 ? -__builtin_inf() : __builtin_nan("");
  if (x == __builtin_inf()) return x;
  int k = 0;
  if (x < 1e-300) x *= power_of_two(100), k = -100;
  union { double value; uint64_t bits; } u = {x};
  k += (int)(u.bits >> 52) - 1023;
  u.bits = (u.bits & 0xfffffffffffffull) | 0x3ff0000000000000ull;
  double m = u.value;
  if (m > 1.41421356237309504880) m *= 0.5, k++;
  double s = (m - 1) / (m + 1), z = s * s, sum = 0;
  for (int n = 21; n > 0; n -= 2) sum = sum * z + 2.0 / n;
  return k * LN2 + s * sum;
}

// x^y as exp(y log |x|), with the sign of odd powers of negative numbers.
static double pow_double(double x, double y) {
  if (y == 0 || x == 1) return 1;
  if (x != x || y != y) return x + y;
  double size = x < 0 ? -x : x;
  double result = exp_double(y * log_double(size));
  if (x >= 0) return result;
  bool whole = y >= 9007199254740992.0 || y <= -9007199254740992.0 || (double)(int64_t)y == y;
  if (!whole) return __builtin_nan("");
  bool odd = y < 9007199254740992.0 && y > -9007199254740992.0 && ((int64_t)y & 1) != 0;
  return odd ? -result : result;
}

// Sine of x + quarter * pi / 2; the quadrant is taken off in two parts of pi / 2. Beyond 1e9 nothing is left of the phase.
static double sine_double(double x, int quarter) {
  if (!(x > -1e9 && x < 1e9)) return __builtin_nan("");
  int64_t q = (int64_t)(x * (2 / PI) + (x < 0 ? -0.5 : 0.5));
  double r = x - (double)q * 1.57079632673412561417 - (double)q * 6.07710050650619224932e-11, z = r * r;
  int64_t quadrant = (q + quarter) & 3;
  double sum = 0;
  if (quadrant & 1) {
    for (int n = 18; n > 0; n -= 2) sum = (1 + sum) * -z / (n * (n - 1));
    sum = 1 + sum;
  } else {
    for (int n = 19; n > 1; n -= 2) sum = (1 + sum) * -z / (n * (n - 1));
    sum = r + r * sum;
  }
  return quadrant & 2 ? -sum : sum;
}

static double atan_double(double x) {
  if (x < 0) return -atan_double(-x);
  if (x > 1) return PI / 2 - atan_double(1 / x);
  if (x > 0.41421356237309504880) return PI / 4 + atan_double((x - 1) / (x + 1));
  double z = x * x, sum = 0;
  for (int n = 37; n > 0; n -= 2) sum = 1.0 / n - sum * z;
  return x * sum;
}
