// Windows that slide over a volume [depth, rows, columns] whose channels lie side by side: what convolutions and pooling
// share. Tap k of output o lies at o * stride - pad + k * dilation of the input; for the adjoint (transposed) it is the
// input i with i * stride - pad + k * dilation = o, if there is one.
#pragma once
#include "step.h"

typedef struct {
  int32_t input[3], output[3], kernel[3], stride[3], dilation[3], pad[3];
  bool transposed;
} Window;

static int next_window(Words *w, Window *g) {
  int32_t *parts[6] = {g->input, g->output, g->kernel, g->stride, g->dilation, g->pad};
  int64_t taps = 1;
  for (int part = 0; part < 6; part++)
    for (int axis = 0; axis < 3; axis++) {
      int32_t value = parts[part][axis] = next_int(w);
      if (w->failed) return fail(PW_BAD_FILE, "a step that ends too early");
      if (value < (part == 5 ? -0xffffff : 1) || value > 0xffffff) return fail(PW_BAD_FILE, "a window with a bad size");
      if (part == 2) taps *= value;
      if (taps > MAX_TAPS) return fail(PW_BAD_FILE, "a window with too many taps");
    }
  g->transposed = next_word(w) == 1;
  return w->failed ? fail(PW_BAD_FILE, "a step that ends too early") : PW_OK;
}

static int32_t taps_of(const Window *g) { return g->kernel[0] * g->kernel[1] * g->kernel[2]; }

// The place on the input axis of tap k for output o, or -1.
INLINE int32_t tap_place(const Window *g, int axis, int32_t o, int32_t k) {
  int64_t at;
  if (g->transposed) {
    at = (int64_t)o + g->pad[axis] - (int64_t)k * g->dilation[axis];
    if (at < 0 || at % g->stride[axis] != 0) return -1;
    at /= g->stride[axis];
  } else {
    at = (int64_t)o * g->stride[axis] - g->pad[axis] + (int64_t)k * g->dilation[axis];
  }
  return at >= 0 && at < g->input[axis] ? (int32_t)at : -1;
}

// A volume with its channels: origin, strides of the three axes in elements; channels have stride 1.
typedef struct {
  float *base;
  int32_t stride[3];
} Volume;

static int next_volume(Words *w, const Memory *m, const int32_t *size, int32_t channels, Volume *volume) {
  Loops loops = {4, {size[0], size[1], size[2], channels}, 0};
  View view = {.batched = true, .origin = next_word(w)};
  for (int axis = 0; axis < 3; axis++) volume->stride[axis] = view.stride[axis] = next_int(w);
  view.stride[3] = 1;
  int64_t turns = (int64_t)size[0] * size[1] * size[2];
  if (w->failed || channels < 1 || turns > m->arena_size || turns * channels > m->arena_size) return fail(PW_BAD_FILE, "a bad volume");
  int status = place_view(m, &loops, &view, 1, 0);
  volume->base = view.base;
  return status;
}

// What is done to a sum on its way to memory: a bias before it, bounds after it.
enum { WITH_BIAS = 1, WITH_BOUNDS = 2 };

typedef struct {
  uint32_t flags;
  float low, high;
} Finish;

static Finish next_finish(Words *w) {
  Finish finish;
  finish.flags = next_word(w);
  finish.low = next_float(w);
  finish.high = next_float(w);
  return finish;
}

INLINE lanes finished(const Finish *f, lanes x) {
  if (!(f->flags & WITH_BOUNDS)) return x;
  lanes raised = select(x < splat(f->low), splat(f->low), x);
  return select(raised > splat(f->high), splat(f->high), raised);
}

INLINE float *voxel(const Volume *v, int32_t d, int32_t h, int32_t w) {
  return v->base + ((ptrdiff_t)d * v->stride[0] + (ptrdiff_t)h * v->stride[1] + (ptrdiff_t)w * v->stride[2]) * LANES;
}

// `count` floats of the constants from an offset; 0 with an error if they are not all there.
static const float *next_constants(Words *w, const Memory *m, int64_t count) {
  int64_t offset = next_word(w);
  if (w->failed || count > m->constant_count || offset > (int64_t)m->constant_count - count) {
    fail(PW_BAD_FILE, "weights that are not there");
    return 0;
  }
  return m->constants + offset;
}
