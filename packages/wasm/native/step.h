// How steps read their words: cursors, views on tensors, loops over them. Everything is checked here, at load and again
// at every run, so that a step that passes touches nothing outside of its plan.
#pragma once
#include "lanes.h"
#include "pathwise.h"

#define MAX_DIMS 8
// Taps of one output of a convolution or pooling window.
#define MAX_TAPS 4096

// Where the data of a plan lie.
typedef struct {
  float *arena;            // batched tensors: arena_size elements of LANES floats
  const float *constants;  // the same for all rows: constant_count floats
  uint32_t arena_size, constant_count;
  uint32_t rows;           // of the tile that is run; 0 at load
} Memory;

typedef struct {
  const uint32_t *at, *end;
  bool failed;
} Words;

typedef struct {
  uint32_t rank;
  int32_t size[MAX_DIMS];
  int64_t turns;  // of all loops together
} Loops;

// A tensor seen through loops: element (i, j, ...) lies stride[0] * i + stride[1] * j + ... elements after base.
typedef struct {
  float *base;
  bool batched;
  int32_t stride[MAX_DIMS];
  int64_t origin;  // in elements, before the check
} View;

static uint32_t next_word(Words *w) {
  if (w->at >= w->end) {
    w->failed = true;
    return 0;
  }
  return *w->at++;
}

static int32_t next_int(Words *w) { return (int32_t)next_word(w); }

static float next_float(Words *w) {
  union { uint32_t bits; float value; } u = {next_word(w)};
  return u.value;
}

static int fail(pw_error code, const char *text);

// rank, sizes. No loop is empty; together they take fewer than 2^31 turns.
// What a step does is bounded by the size of its plan, so that a hostile one cannot hang its host: loops over a target
// take no more turns than there are elements.
static int next_loops(Words *w, Loops *loops) {
  loops->rank = next_word(w);
  if (loops->rank > MAX_DIMS) return fail(PW_BAD_FILE, "more loops than a step may have");
  loops->turns = 1;
  for (uint32_t d = 0; d < loops->rank; d++) {
    loops->size[d] = next_int(w);
    if (loops->size[d] < 1) return fail(PW_BAD_FILE, "an empty loop");
    loops->turns *= loops->size[d];
    if (loops->turns > INT32_MAX) return fail(PW_BAD_FILE, "too many turns of a loop");
  }
  return w->failed ? fail(PW_BAD_FILE, "a step that ends too early") : PW_OK;
}

// Checks that a view stays inside its space when it is moved along loops, and an extra axis of `extra` elements.
static int place_view(const Memory *m, const Loops *loops, View *v, int64_t extra, int64_t extra_stride) {
  int64_t low = v->origin, high = v->origin;
  for (uint32_t d = 0; d < loops->rank; d++) {
    int64_t reach = (int64_t)(loops->size[d] - 1) * v->stride[d];
    if (reach < 0) low += reach;
    else high += reach;
  }
  int64_t reach = (extra - 1) * extra_stride;
  if (reach < 0) low += reach;
  else high += reach;
  int64_t space = v->batched ? m->arena_size : m->constant_count;
  if (low < 0 || high >= space) return fail(PW_BAD_FILE, "a step that reaches outside of its memory");
  v->base = v->batched ? m->arena + v->origin * LANES : (float *)(uintptr_t)m->constants + v->origin;
  return PW_OK;
}

// space (1: arena, 0: constants), origin, strides.
static int next_view_raw(Words *w, const Loops *loops, View *v) {
  v->batched = next_word(w) == 1;
  v->origin = next_word(w);
  for (uint32_t d = 0; d < loops->rank; d++) v->stride[d] = next_int(w);
  return w->failed ? fail(PW_BAD_FILE, "a step that ends too early") : PW_OK;
}

static int next_view(Words *w, const Memory *m, const Loops *loops, View *v) {
  int status = next_view_raw(w, loops, v);
  return status ? status : place_view(m, loops, v, 1, 0);
}

// No more turns than elements to write, or to read (constants too).
static int check_turns(const Memory *m, int64_t turns, bool reads) {
  int64_t most = m->arena_size + (reads ? (int64_t)m->constant_count : 0);
  return turns <= most ? PW_OK : fail(PW_BAD_FILE, "a step with more turns than there are elements");
}

// A view that is written: constants cannot be.
static int next_target(Words *w, const Memory *m, const Loops *loops, View *v) {
  int status = next_view(w, m, loops, v);
  if (status) return status;
  if (!v->batched) return fail(PW_BAD_FILE, "a step that writes to constants");
  return check_turns(m, loops->turns, false);
}

INLINE int32_t unit(const View *v) { return v->batched ? LANES : 1; }

INLINE lanes read(const float *p, bool batched) { return batched ? load(p) : splat(*p); }

// Moves `count` pointers to the next turn of the first `depth` loops; false after the last.
INLINE bool advance(const Loops *loops, uint32_t depth, int32_t *turn, int count, const View *const *views, float **at) {
  for (uint32_t d = depth; d-- > 0;) {
    bool wraps = ++turn[d] == loops->size[d];
    ptrdiff_t steps = wraps ? 1 - (ptrdiff_t)loops->size[d] : 1;
    for (int i = 0; i < count; i++) at[i] += steps * views[i]->stride[d] * unit(views[i]);
    if (!wraps) return true;
    turn[d] = 0;
  }
  return false;
}
