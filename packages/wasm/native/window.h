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
    if (at < 0) return -1;
    // Both are below 2^32: the quick division does.
    if (g->stride[axis] != 1) {
      if ((uint32_t)at % (uint32_t)g->stride[axis] != 0) return -1;
      at = (uint32_t)at / (uint32_t)g->stride[axis];
    }
  } else {
    at = (int64_t)o * g->stride[axis] - g->pad[axis] + (int64_t)k * g->dilation[axis];
  }
  return at >= 0 && at < g->input[axis] ? (int32_t)at : -1;
}

// A volume with its channels: origin, strides of the three axes in elements; channels have stride 1.
typedef struct {
  float *base;
  int32_t stride[3];
  int32_t row_bits;  // of a row's number, that tell its place: all, or those of a ring
} Volume;

// As next_volume; of the rows only `kept` (a power of two) have a place, where the next ones follow: 0 for all.
static int next_ring(Words *w, const Memory *m, const int32_t *size, int32_t channels, int32_t kept, Volume *volume) {
  Loops loops = {4, {size[0], kept > 0 && kept < size[1] ? kept : size[1], size[2], channels}, 0};
  volume->row_bits = kept > 0 ? kept - 1 : -1;
  View view = {.batched = true, .origin = next_word(w)};
  for (int axis = 0; axis < 3; axis++) volume->stride[axis] = view.stride[axis] = next_int(w);
  view.stride[3] = 1;
  // Pixels are counted whole also where few have a place, as each takes its turn.
  int64_t turns = (int64_t)size[0] * size[1] * size[2], places = (int64_t)size[0] * loops.size[1] * size[2];
  if (w->failed || channels < 1 || turns > m->arena_size || places * channels > m->arena_size) return fail(PW_BAD_FILE, "a bad volume");
  int status = place_view(m, &loops, &view, 1, 0);
  volume->base = view.base;
  return status;
}

static int next_volume(Words *w, const Memory *m, const int32_t *size, int32_t channels, Volume *volume) {
  return next_ring(w, m, size, channels, 0, volume);
}

INLINE float *voxel(const Volume *v, int32_t d, int32_t h, int32_t w) {
  return v->base + ((ptrdiff_t)d * v->stride[0] + (ptrdiff_t)(h & v->row_bits) * v->stride[1] + (ptrdiff_t)w * v->stride[2]) * LANES;
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

// The taps of one output along each axis that fall on the input, and where.
static int32_t axis_count[3], axis_tap[3][MAX_TAPS], axis_place[3][MAX_TAPS];

static void list_axis(const Window *g, int axis, int32_t o) {
  int32_t count = 0;
  for (int32_t k = 0; k < g->kernel[axis]; k++) {
    int32_t at = tap_place(g, axis, o, k);
    if (at < 0) continue;
    axis_tap[axis][count] = k;
    axis_place[axis][count++] = at;
  }
  axis_count[axis] = count;
}

// The taps of the output whose axes were listed, in row-major order of the kernel: number, place on the input (in pixels)
// and the channels there.
static int32_t tap_number[MAX_TAPS], tap_pixel[MAX_TAPS];
static const float *tap_input[MAX_TAPS];

static int32_t list_taps(const Window *g, const Volume *x) {
  int32_t taps = 0;
  for (int32_t d = 0; d < axis_count[0]; d++)
    for (int32_t h = 0; h < axis_count[1]; h++)
      for (int32_t w = 0; w < axis_count[2]; w++) {
        int32_t pd = axis_place[0][d], ph = axis_place[1][h], pw = axis_place[2][w];
        tap_number[taps] = (axis_tap[0][d] * g->kernel[1] + axis_tap[1][h]) * g->kernel[2] + axis_tap[2][w];
        tap_pixel[taps] = (pd * g->input[1] + ph) * g->input[2] + pw;
        tap_input[taps++] = voxel(x, pd, ph, pw);
      }
  return taps;
}
