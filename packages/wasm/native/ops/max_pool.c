// The largest element of every window and its place: channel * volume of the input + position in the channel, plus a
// base. The first of equal ones in scan order is taken. The gradient gathers: an input gets the cotangents of the windows
// whose place it is, so nothing is scattered.

// Channels of a pixel that are kept in registers.
#define POOLED 2

// `count` channels from channel c on. The taps are listed, with their places in a channel.
INLINE void pool_block(int32_t taps, const float *places, ptrdiff_t c, float base, float volume, float *value, float *place, int count) {
  lanes best[POOLED], found[POOLED];
  _Pragma("GCC unroll 2") for (int i = 0; i < count; i++) best[i] = splat(-__builtin_inff()), found[i] = splat(taps > 0 ? places[0] : 0.0f);
  for (int32_t t = 0; t < taps; t++) {
    const float *x = tap_input[t] + c * LANES;
    lanes here = splat(places[t]);
    for (int i = 0; i < count; i++) {
      lanes v = load(x + i * LANES);
      mask better = (v > best[i]) | (v != v);
      best[i] = select(better, v, best[i]);
      found[i] = select(better, here, found[i]);
    }
  }
  for (int i = 0; i < count; i++) {
    store(value + (c + i) * LANES, best[i]);
    store(place + (c + i) * LANES, found[i] + splat(base + (float)(c + i) * volume));
  }
}

// Words: window, channels, input volume, values, places (volumes), base of the places.
static int step_max_pool(const Memory *m, Words *w, bool run) {
  Window g;
  int status = next_window(w, &g);
  if (status) return status;
  int32_t channels = next_int(w);
  Volume x, y, places;
  status = next_volume(w, m, g.input, channels, &x);
  if (!status) status = next_volume(w, m, g.output, channels, &y);
  if (!status) status = next_volume(w, m, g.output, channels, &places);
  float base = next_float(w);
  if (!status && w->failed) status = fail(PW_BAD_FILE, "a step that ends too early");
  if (status || !run) return status;

  static float tap_places[MAX_TAPS];
  float volume = (float)g.input[0] * (float)g.input[1] * (float)g.input[2];
  for (int32_t d = 0; d < g.output[0]; d++) {
    list_axis(&g, 0, d);
    for (int32_t h = 0; h < g.output[1]; h++) {
      list_axis(&g, 1, h);
      for (int32_t c = 0; c < g.output[2]; c++) {
        list_axis(&g, 2, c);
        int32_t taps = list_taps(&g, &x);
        for (int32_t t = 0; t < taps; t++) tap_places[t] = (float)tap_pixel[t];
        float *value = voxel(&y, d, h, c), *place = voxel(&places, d, h, c);
        int32_t n = 0;
        for (; n + POOLED <= channels; n += POOLED) pool_block(taps, tap_places, n, base, volume, value, place, POOLED);
        for (; n < channels; n++) pool_block(taps, tap_places, n, base, volume, value, place, 1);
      }
    }
  }
  return PW_OK;
}

// `count` channels of the gradient from channel c on: the cotangents of the listed windows whose place is the input's.
// `own` is the place of the input in its channel, plus the base.
INLINE void pool_gradient_block(int32_t taps, const float *const *placed, ptrdiff_t c, float own, float volume, float *to, int count) {
  lanes here[POOLED], sum[POOLED];
  _Pragma("GCC unroll 2") for (int i = 0; i < count; i++) here[i] = splat(own + (float)(c + i) * volume), sum[i] = splat(0.0f);
  for (int32_t t = 0; t < taps; t++) {
    const float *place = placed[t] + c * LANES, *dy = tap_input[t] + c * LANES;
    _Pragma("GCC unroll 2") for (int i = 0; i < count; i++)
      sum[i] += (lanes)((load(place + i * LANES) == here[i]) & (mask)load(dy + i * LANES));
  }
  _Pragma("GCC unroll 2") for (int i = 0; i < count; i++) store(to + (c + i) * LANES, sum[i]);
}

// Words: window (of the forward pass), channels, input volume (gets the gradient), cotangents, places, base.
static int step_max_pool_gradient(const Memory *m, Words *w, bool run) {
  Window g;
  int status = next_window(w, &g);
  if (status) return status;
  int32_t channels = next_int(w);
  Volume x, dy, places;
  status = next_volume(w, m, g.input, channels, &x);
  if (!status) status = next_volume(w, m, g.output, channels, &dy);
  if (!status) status = next_volume(w, m, g.output, channels, &places);
  float base = next_float(w);
  if (!status && w->failed) status = fail(PW_BAD_FILE, "a step that ends too early");
  if (status || !run) return status;

  // The windows that hold an input are the taps of the adjoint.
  Window adjoint = g;
  adjoint.transposed = true;
  for (int axis = 0; axis < 3; axis++) adjoint.input[axis] = g.output[axis], adjoint.output[axis] = g.input[axis];
  static const float *tap_placed[MAX_TAPS];
  float volume = (float)g.input[0] * (float)g.input[1] * (float)g.input[2];
  for (int32_t d = 0; d < g.input[0]; d++) {
    list_axis(&adjoint, 0, d);
    for (int32_t h = 0; h < g.input[1]; h++) {
      list_axis(&adjoint, 1, h);
      for (int32_t c = 0; c < g.input[2]; c++) {
        list_axis(&adjoint, 2, c);
        int32_t taps = list_taps(&adjoint, &places);
        for (int32_t t = 0; t < taps; t++) tap_placed[t] = tap_input[t];
        list_taps(&adjoint, &dy);
        float *to = voxel(&x, d, h, c);
        float own = base + ((float)d * (float)g.input[1] + (float)h) * (float)g.input[2] + (float)c;
        int32_t n = 0;
        for (; n + POOLED <= channels; n += POOLED) pool_gradient_block(taps, tap_placed, n, own, volume, to, POOLED);
        for (; n < channels; n++) pool_gradient_block(taps, tap_placed, n, own, volume, to, 1);
      }
    }
  }
  return PW_OK;
}
