// Element-wise functions of one to three views: y[i, j, ...] = f(a[...], b[...], c[...]).
// Words: function, loops, y, a, b, c (as many as the function takes), two parameters.
// y may be one of the inputs, seen through the same strides.

enum {
  COPY, NEGATE, ABSOLUTE, SIGN, RECIPROCAL, SQUARE_ROOT, EXPONENTIAL, LOGARITHM, SIGMOID, TANH, RELU, NOT, FLOOR,
  CEILING, ROUND, ERROR_FUNCTION, SINE, COSINE, TANGENT, ARC_SINE, ARC_COSINE, ARC_TANGENT, HYPERBOLIC_SINE,
  HYPERBOLIC_COSINE, AREA_SINE, AREA_COSINE, AREA_TANGENT, SOFTPLUS, IS_NAN, IS_INFINITE, AFFINE, CLAMP, LEAKY,
  EXPONENTIAL_LINEAR, UNARY_END,
  ADD = 64, SUBTRACT, MULTIPLY, DIVIDE, POWER, MAXIMUM, MINIMUM, GREATER, LESS, GREATER_EQUAL, LESS_EQUAL, EQUAL, AND,
  OR, EXCLUSIVE_OR, FLOOR_MODULO, TRUNCATED_MODULO, GATE_ABOVE, GATE_BELOW, BINARY_END,
  CHOOSE = 128,
};

static double unary_double(uint32_t f, double x) {
  switch (f) {
    case SINE: return sine_double(x, 0);
    case COSINE: return sine_double(x, 1);
    case TANGENT: return sine_double(x, 0) / sine_double(x, 1);
    case ARC_SINE: return atan_double(x / __builtin_sqrt((1 - x) * (1 + x)));
    case ARC_COSINE: return PI / 2 - atan_double(x / __builtin_sqrt((1 - x) * (1 + x)));
    case ARC_TANGENT: return atan_double(x);
    // Near 0 the difference of exponentials cancels; the series is x (1 + x^2 / 6 + x^4 / 120 + x^6 / 5040).
    case HYPERBOLIC_SINE:
      if (x < 0.1 && x > -0.1) return x * (1 + x * x / 6 * (1 + x * x / 20 * (1 + x * x / 42)));
      return 0.5 * (exp_double(x) - exp_double(-x));
    case HYPERBOLIC_COSINE: return 0.5 * (exp_double(x) + exp_double(-x));
    case AREA_SINE: return x < 0 ? -unary_double(f, -x) : log_double(x + __builtin_sqrt(x * x + 1));
    case AREA_COSINE: return log_double(x + __builtin_sqrt((x - 1) * (x + 1)));
    default: return 0.5 * log_double((1 + x) / (1 - x));  // AREA_TANGENT
  }
}

INLINE lanes unary(uint32_t f, lanes x, float p, float q) {
  const lanes zero = splat(0.0f), one = splat(1.0f);
  switch (f) {
    case COPY: return x;
    case NEGATE: return -x;
    case ABSOLUTE: return lanes_abs(x);
    case SIGN: return select(x > zero, one, select(x < zero, -one, x));
    case RECIPROCAL: return one / x;
    case SQUARE_ROOT: return lanes_sqrt(x);
    case EXPONENTIAL: return lanes_exp(x);
    case LOGARITHM: return lanes_log(x);
    case SIGMOID: return lanes_sigmoid(x);
    case TANH: return lanes_tanh(x);
    case RELU: return select(x < zero, zero, x);
    case NOT: return truth(x == zero);
    case FLOOR: return lanes_floor(x);
    case CEILING: return lanes_ceil(x);
    case ROUND: return lanes_round(x);
    case SOFTPLUS: return lanes_softplus(x);
    case ERROR_FUNCTION: return lanes_erf(x);
    case IS_NAN: return truth(x != x);
    case IS_INFINITE: return truth(lanes_abs(x) == splat(__builtin_inff()));
    case AFFINE: return x * splat(p) + splat(q);
    case CLAMP: {
      lanes low = select(x < splat(p), splat(p), x);
      return select(low > splat(q), splat(q), low);
    }
    case LEAKY: return select(x < zero, x * splat(p), x);
    case EXPONENTIAL_LINEAR: {
      // exp(x) - 1 = 2 t / (1 - t) with t = tanh(x / 2), which does not cancel near 0.
      lanes t = lanes_tanh(x * splat(0.5f));
      return select(x < zero, splat(p + p) * t / (one - t), x);
    }
    default:
      for (int n = 0; n < LANES; n++) x[n] = (float)unary_double(f, x[n]);
      return x;
  }
}

static lanes modulo(lanes a, lanes b, bool floored) {
  for (int n = 0; n < LANES; n++) {
    double x = a[n], y = b[n], whole = x / y;
    // A quotient this large (or not a number) has no fraction to speak of.
    if (!(whole > -9e15 && whole < 9e15)) {
      a[n] = y == y && (y > 3e38 || y < -3e38) && x == x ? a[n] : __builtin_nanf("");
      continue;
    }
    double cut = (double)(int64_t)whole;
    if (floored && cut > whole) cut -= 1;
    a[n] = (float)(x - cut * y);
  }
  return a;
}

INLINE lanes binary(uint32_t f, lanes a, lanes b, float p) {
  const lanes zero = splat(0.0f);
  switch (f) {
    case ADD: return a + b;
    case SUBTRACT: return a - b;
    case MULTIPLY: return a * b;
    case DIVIDE: return a / b;
    case MAXIMUM: return select((a > b) | (a != a), a, b);
    case MINIMUM: return select((a < b) | (a != a), a, b);
    case GREATER: return truth(a > b);
    case LESS: return truth(a < b);
    case GREATER_EQUAL: return truth(a >= b);
    case LESS_EQUAL: return truth(a <= b);
    case EQUAL: return truth(a == b);
    case AND: return truth((a != zero) & (b != zero));
    case OR: return truth((a != zero) | (b != zero));
    case EXCLUSIVE_OR: return truth((a != zero) ^ (b != zero));
    case FLOOR_MODULO: return modulo(a, b, true);
    case TRUNCATED_MODULO: return modulo(a, b, false);
    case GATE_ABOVE: return (lanes)((a > splat(p)) & (mask)b);
    case GATE_BELOW: return (lanes)((a < splat(p)) & (mask)b);
    default:  // POWER
      for (int n = 0; n < LANES; n++) a[n] = (float)pow_double(a[n], b[n]);
      return a;
  }
}

static void unary_row(uint32_t f, int32_t n, float *y, ptrdiff_t dy, const float *a, ptrdiff_t da, bool batched, float p, float q) {
#define CASE(F) case F: for (; n > 0; n--, y += dy, a += da) store(y, unary(F, read(a, batched), p, q)); break
  switch (f) {
    CASE(COPY); CASE(NEGATE); CASE(ABSOLUTE); CASE(SIGN); CASE(RECIPROCAL); CASE(SQUARE_ROOT); CASE(EXPONENTIAL);
    CASE(LOGARITHM); CASE(SIGMOID); CASE(TANH); CASE(RELU); CASE(NOT); CASE(FLOOR); CASE(CEILING); CASE(ROUND);
    CASE(SOFTPLUS); CASE(ERROR_FUNCTION); CASE(IS_NAN); CASE(IS_INFINITE); CASE(AFFINE); CASE(CLAMP); CASE(LEAKY); CASE(EXPONENTIAL_LINEAR);
    default: for (; n > 0; n--, y += dy, a += da) store(y, unary(f, read(a, batched), p, q));
  }
#undef CASE
}

INLINE void binary_turns(uint32_t f, int32_t n, float *y, ptrdiff_t dy, const float *a, ptrdiff_t da, bool ba, const float *b, ptrdiff_t db, bool bb, float p) {
#define CASE(F) case F: for (; n > 0; n--, y += dy, a += da, b += db) store(y, binary(F, read(a, ba), read(b, bb), p)); break
  switch (f) {
    CASE(ADD); CASE(SUBTRACT); CASE(MULTIPLY); CASE(DIVIDE); CASE(MAXIMUM); CASE(MINIMUM); CASE(GREATER); CASE(LESS);
    CASE(EQUAL); CASE(GATE_ABOVE); CASE(GATE_BELOW);
    default: for (; n > 0; n--, y += dy, a += da, b += db) store(y, binary(f, read(a, ba), read(b, bb), p));
  }
#undef CASE
}

static void binary_row(uint32_t f, int32_t n, float *y, ptrdiff_t dy, const float *a, ptrdiff_t da, bool ba, const float *b, ptrdiff_t db, bool bb, float p) {
  if (ba && bb) binary_turns(f, n, y, dy, a, da, true, b, db, true, p);
  else if (ba) binary_turns(f, n, y, dy, a, da, true, b, db, false, p);
  else binary_turns(f, n, y, dy, a, da, false, b, db, bb, p);
}

static int step_map(const Memory *m, Words *w, bool run) {
  uint32_t f = next_word(w);
  int inputs = f < UNARY_END ? 1 : f >= ADD && f < BINARY_END ? 2 : f == CHOOSE ? 3 : 0;
  if (inputs == 0) return fail(PW_BAD_FILE, "an unknown element-wise function");
  Loops loops;
  View view[4];
  int status = next_loops(w, &loops);
  if (!status) status = next_target(w, m, &loops, &view[0]);
  for (int i = 1; i <= inputs && !status; i++) status = next_view(w, m, &loops, &view[i]);
  float p = next_float(w), q = next_float(w);
  if (status || !run) return status;

  const View *views[4] = {&view[0], &view[1], &view[2], &view[3]};
  float *at[4] = {view[0].base, view[1].base, inputs > 1 ? view[2].base : 0, inputs > 2 ? view[3].base : 0};
  int32_t turn[MAX_DIMS] = {0};
  uint32_t inner = loops.rank == 0 ? 0 : loops.rank - 1;
  int32_t n = loops.rank == 0 ? 1 : loops.size[inner];
  ptrdiff_t stride[4] = {0};
  for (int i = 0; i <= inputs && loops.rank > 0; i++) stride[i] = (ptrdiff_t)view[i].stride[inner] * unit(&view[i]);
  do {
    if (inputs == 1) {
      unary_row(f, n, at[0], stride[0], at[1], stride[1], view[1].batched, p, q);
    } else if (inputs == 2) {
      binary_row(f, n, at[0], stride[0], at[1], stride[1], view[1].batched, at[2], stride[2], view[2].batched, p);
    } else {
      float *y = at[0], *a = at[1], *b = at[2], *c = at[3];
      for (int32_t i = 0; i < n; i++, y += stride[0], a += stride[1], b += stride[2], c += stride[3])
        store(y, select(read(a, view[1].batched) != splat(0.0f), read(b, view[2].batched), read(c, view[3].batched)));
    }
  } while (advance(&loops, inner, turn, inputs + 1, views, at));
  return PW_OK;
}
