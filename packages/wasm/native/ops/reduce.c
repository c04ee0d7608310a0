// Reductions. Words: function, outer loops, inner loops, y (outer strides), x (outer, then inner strides).
// Sums run along the innermost loop first and then add up, so that long sums lose less to rounding.
// Positions (of the largest or smallest element) count the turns of the inner loops.

enum { SUM, SUM_OF_SQUARES, SUM_OF_MAGNITUDES, PRODUCT, LARGEST, SMALLEST, FIRST_LARGEST, FIRST_SMALLEST, LAST_LARGEST, LAST_SMALLEST, REDUCE_END };

INLINE lanes combine(uint32_t f, lanes sum, lanes x) {
  switch (f) {
    case SUM: return sum + x;
    case SUM_OF_SQUARES: return sum + x * x;
    case SUM_OF_MAGNITUDES: return sum + lanes_abs(x);
    case PRODUCT: return sum * x;
    case LARGEST: return select((x > sum) | (x != x), x, sum);
    default: return select((x < sum) | (x != x), x, sum);  // SMALLEST
  }
}

INLINE lanes reduce_row(uint32_t f, lanes start, int32_t n, const float *x, ptrdiff_t dx, bool batched) {
  for (; n > 0; n--, x += dx) start = combine(f, start, read(x, batched));
  return start;
}

static lanes reduce_all(uint32_t f, const Loops *loops, View x, float *base) {
  const View *views[1] = {&x};
  float *at[1] = {base};
  int32_t turn[MAX_DIMS] = {0};
  uint32_t inner = loops->rank == 0 ? 0 : loops->rank - 1;
  int32_t n = loops->rank == 0 ? 1 : loops->size[inner];
  ptrdiff_t stride = loops->rank == 0 ? 0 : (ptrdiff_t)x.stride[inner] * unit(&x);
  bool sums = f <= SUM_OF_MAGNITUDES;
  lanes start = splat(sums ? 0.0f : f == PRODUCT ? 1.0f : f == LARGEST ? -__builtin_inff() : __builtin_inff());
  lanes total = start;
  do {
    lanes row = sums ? start : total;
    switch (f) {
#define CASE(F) case F: row = reduce_row(F, row, n, at[0], stride, x.batched); break
      CASE(SUM); CASE(SUM_OF_SQUARES); CASE(SUM_OF_MAGNITUDES); CASE(PRODUCT); CASE(LARGEST); CASE(SMALLEST);
#undef CASE
    }
    total = sums ? total + row : row;
  } while (advance(loops, inner, turn, 1, views, at));
  return total;
}

static lanes position(uint32_t f, const Loops *loops, View x, float *base) {
  const View *views[1] = {&x};
  float *at[1] = {base};
  int32_t turn[MAX_DIMS] = {0};
  bool last = f >= LAST_LARGEST;
  bool large = f == FIRST_LARGEST || f == LAST_LARGEST;
  lanes best = read(base, x.batched), found = splat(0.0f);
  for (float count = 0;; count += 1) {
    lanes value = read(at[0], x.batched);
    mask better = large ? value > best : value < best;
    if (last) better |= value == best;
    best = select(better, value, best);
    found = select(better, splat(count), found);
    if (!advance(loops, loops->rank, turn, 1, views, at)) return found;
  }
}

static int step_reduce(const Memory *m, Words *w, bool run) {
  uint32_t f = next_word(w);
  if (f >= REDUCE_END) return fail(PW_BAD_FILE, "an unknown reduction");
  Loops outer, inner;
  int status = next_loops(w, &outer);
  if (!status) status = next_loops(w, &inner);
  if (status) return status;
  if (outer.rank + inner.rank > MAX_DIMS) return fail(PW_BAD_FILE, "more loops than a step may have");
  Loops all = outer;
  for (uint32_t d = 0; d < inner.rank; d++) all.size[all.rank++] = inner.size[d];
  all.turns *= inner.turns;
  View y, x;
  status = next_target(w, m, &outer, &y);
  if (!status) status = next_view(w, m, &all, &x);
  if (!status) status = check_turns(m, all.turns, true);
  if (status || !run) return status;

  View within = x;
  for (uint32_t d = 0; d < inner.rank; d++) within.stride[d] = x.stride[outer.rank + d];
  const View *views[2] = {&y, &x};
  float *at[2] = {y.base, x.base};
  int32_t turn[MAX_DIMS] = {0};
  do {
    store(at[0], f < FIRST_LARGEST ? reduce_all(f, &inner, within, at[1]) : position(f, &inner, within, at[1]));
  } while (advance(&outer, outer.rank, turn, 2, views, at));
  return PW_OK;
}

// Running sums and products along one loop. Words: 0 sum or 1 product, exclusive, length, loops, y and x (strides of the
// loops), y and x strides along the length.
static int step_scan(const Memory *m, Words *w, bool run) {
  uint32_t product = next_word(w), exclusive = next_word(w);
  int32_t length = next_int(w);
  if (product > 1 || exclusive > 1 || length < 1) return fail(PW_BAD_FILE, "a bad running sum");
  Loops loops;
  View y, x;
  int status = next_loops(w, &loops);
  if (!status) status = next_view_raw(w, &loops, &y);
  if (!status) status = next_view_raw(w, &loops, &x);
  int32_t dy = next_int(w), dx = next_int(w);
  if (!status) status = place_view(m, &loops, &y, length, dy);
  if (!status) status = place_view(m, &loops, &x, length, dx);
  if (!status && !y.batched) status = fail(PW_BAD_FILE, "a step that writes to constants");
  if (!status) status = check_turns(m, loops.turns * length, false);
  if (status || !run) return status;

  const View *views[2] = {&y, &x};
  float *at[2] = {y.base, x.base};
  int32_t turn[MAX_DIMS] = {0};
  do {
    lanes total = splat(product ? 1.0f : 0.0f);
    for (int32_t i = 0; i < length; i++) {
      lanes value = read(at[1] + (ptrdiff_t)i * dx * unit(&x), x.batched);
      lanes after = product ? total * value : total + value;
      store(at[0] + (ptrdiff_t)i * dy * LANES, exclusive ? total : after);
      total = after;
    }
  } while (advance(&loops, loops.rank, turn, 2, views, at));
  return PW_OK;
}
