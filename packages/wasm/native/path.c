// What a job does with one tile beside running the plan: points of paths into lanes, gradients into sums.
// Everything is float64 until it is stored in a lane, and in an order that does not depend on the tile.

typedef double pair __attribute__((vector_size(16)));
typedef double pair_at __attribute__((vector_size(16), aligned(8), may_alias));
typedef float two __attribute__((vector_size(8)));
typedef float four __attribute__((vector_size(16)));
typedef float four_at __attribute__((vector_size(16), aligned(4), may_alias));

INLINE pair both(double x) { return (pair){x, x}; }
INLINE four load_four(const float *p) { return *(const four_at *)p; }
INLINE pair load_pair(const double *p) { return *(const pair_at *)p; }
INLINE void store_pair(double *p, pair v) { *(pair_at *)p = v; }
// Rounds four doubles to float.
INLINE four narrow(pair a, pair b) {
  two low = __builtin_convertvector(a, two), high = __builtin_convertvector(b, two);
  return __builtin_shufflevector(low, high, 0, 1, 2, 3);
}
// Element N of two vectors.
#define PICK(a, b, n) __builtin_convertvector(__builtin_shufflevector(a, b, n, 4 + n), pair)

// Ends of one path in one input, in the order of memory; `to` is 0 where nothing moves.
typedef struct {
  double *from, *to;
} Ends;

// (1 - alpha) from + alpha to, exact at both ends.
INLINE double between(const Ends *ends, size_t k, double alpha) {
  return ends->to ? (1 - alpha) * ends->from[k] + alpha * ends->to[k] : ends->from[k];
}

// `count` elements of all lanes on one path.
static void place_on_one(const Ends *ends, size_t k, const double *alpha, float *at, ptrdiff_t step, int32_t count) {
  if (!ends->to) {
    for (int32_t i = 0; i < count; i++, k++, at += step) store(at, splat((float)ends->from[k]));
    return;
  }
  pair a[LANES / 2], b[LANES / 2];
  for (int n = 0; n < LANES / 2; n++) {
    a[n] = load_pair(alpha + 2 * n);
    b[n] = both(1) - a[n];
  }
  for (int32_t i = 0; i < count; i++, k++, at += step) {
    pair from = both(ends->from[k]), to = both(ends->to[k]);
    *(four_at *)at = narrow(b[0] * from + a[0] * to, b[1] * from + a[1] * to);
    *(four_at *)(at + 4) = narrow(b[2] * from + a[2] * to, b[3] * from + a[3] * to);
  }
}

static void place_on_many(const Ends *const *ends, size_t k, const double *alpha, float *at, ptrdiff_t step, int32_t count) {
  for (int32_t i = 0; i < count; i++, k++, at += step)
    for (int n = 0; n < LANES; n++) at[n] = (float)between(ends[n], k, alpha[n]);
}

// Points into the lanes of an input: lane n lies at alpha[n] of the path whose ends are ends[n].
static void place_points(const Port *port, const Ends *const *ends, const double *alpha) {
  bool one = true;
  for (int n = 1; n < LANES; n++) one = one && ends[n] == ends[0];
  const Loops *loops = &port->runs.loops;
  const View *views[1] = {&port->runs.memory};
  float *at[1] = {port->view.base};
  int32_t turn[MAX_DIMS] = {0}, count = 1;
  ptrdiff_t step = 0;
  uint32_t around = loops->rank;
  if (around > 0) {
    around--;
    count = loops->size[around];
    step = (ptrdiff_t)port->runs.memory.stride[around] * LANES;
  }
  size_t k = 0;
  do {
    if (one) place_on_one(ends[0], k, alpha, at[0], step, count);
    else place_on_many(ends, k, alpha, at[0], step, count);
    k += (size_t)count;
  } while (advance(loops, around, turn, 1, views, at));
}

// A weighted sum in float64: points of a block of 8 first, then block after block.
typedef struct {
  double *total, *block;
} Sum;

// Lanes [first, last) added to a block, which begins fresh or goes on, and ends with it or stays open.
typedef struct {
  uint32_t first, last;
  bool fresh, ends;
} Stretch;

INLINE void put(const Sum *sum, size_t k, double block, bool ends) {
  if (ends) sum->total[k] += block;
  else sum->block[k] = block;
}

// Returns 0, or NaN if a sum is not finite.
static double add_some(const Sum *sum, size_t k, const Stretch *s, const double *weight, const float *at, bool batched, ptrdiff_t step, int32_t count) {
  double check = 0;
  for (int32_t i = 0; i < count; i++, k++, at += step) {
    double block = s->fresh ? 0 : sum->block[k];
    for (uint32_t n = s->first; n < s->last; n++) block += weight[n] * (double)at[batched ? n : 0];
    check += block * 0;
    put(sum, k, block, s->ends);
  }
  return check;
}

// The same for a whole block in all lanes, two elements at a time.
static double add_block(const Sum *sum, size_t k, const double *weight, const float *at, ptrdiff_t step, int32_t count) {
  static const Stretch whole = {0, LANES, true, true};
  pair w[LANES], check = both(0);
  for (int n = 0; n < LANES; n++) w[n] = both(weight[n]);
  int32_t i = 0;
  for (; i + 2 <= count; i += 2, k += 2, at += 2 * step) {
    four low = load_four(at), low_next = load_four(at + step), high = load_four(at + 4), high_next = load_four(at + step + 4);
    pair block = both(0) + w[0] * PICK(low, low_next, 0);
    block += w[1] * PICK(low, low_next, 1);
    block += w[2] * PICK(low, low_next, 2);
    block += w[3] * PICK(low, low_next, 3);
    block += w[4] * PICK(high, high_next, 0);
    block += w[5] * PICK(high, high_next, 1);
    block += w[6] * PICK(high, high_next, 2);
    block += w[7] * PICK(high, high_next, 3);
    check += block * 0;
    store_pair(sum->total + k, load_pair(sum->total + k) + block);
  }
  return check[0] + check[1] + add_some(sum, k, &whole, weight, at, true, step, count - i);
}

// Adds lanes of an output to a sum; false if it is not finite then.
static bool add_points(const Port *port, const Sum *sum, size_t offset, const Stretch *stretch, const double *weight) {
  const Loops *loops = &port->runs.loops;
  const View *view = &port->runs.memory, *views[1] = {view};
  float *at[1] = {port->view.base};
  int32_t turn[MAX_DIMS] = {0}, count = 1;
  ptrdiff_t step = 0;
  uint32_t around = loops->rank;
  if (around > 0) {
    around--;
    count = loops->size[around];
    step = (ptrdiff_t)view->stride[around] * unit(view);
  }
  bool whole = view->batched && stretch->fresh && stretch->ends && stretch->last - stretch->first == LANES;
  size_t k = offset;
  double check = 0;
  do {
    check += whole ? add_block(sum, k, weight, at[0], step, count)
                   : add_some(sum, k, stretch, weight, at[0], view->batched, step, count);
    k += (size_t)count;
  } while (advance(loops, around, turn, 1, views, at));
  return check == 0;
}

// What was summed, in row-major order; an open block counts as if it ended here.
static void write_sum(const Port *port, const double *total, const double *block, double *row_major) {
  int32_t turn[MAX_DIMS] = {0};
  int64_t index = 0;
  float *at = port->view.base;
  size_t k = 0;
  do row_major[index] = total[k] + (block ? block[k] : 0), k++;
  while (next_cell(&port->cells, turn, &at, &index));
}

// Lane n of an output in row-major order at out + n * pitch; false if a value is not finite.
static bool collect_points(const Port *port, uint32_t lanes_used, float *out, size_t pitch) {
  const Walk *walk = &port->cells;
  int32_t turn[MAX_DIMS] = {0};
  int64_t index = 0;
  float *at = port->view.base, check = 0;
  do {
    for (uint32_t n = 0; n < lanes_used; n++) {
      float value = at[walk->memory.batched ? n : 0];
      check += value * 0;
      out[n * pitch + (size_t)index] = value;
    }
  } while (next_cell(walk, turn, &at, &index));
  return check == 0;
}
