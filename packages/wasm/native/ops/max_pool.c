// The largest element of every window and its place: channel * volume of the input + position in the channel, plus a
// base. The first of equal ones in scan order is taken. The gradient gathers: an input gets the cotangents of the windows
// whose place it is, so nothing is scattered.

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

  static float tap_place_in_channel[MAX_TAPS];
  float volume = (float)g.input[0] * (float)g.input[1] * (float)g.input[2];
  for (int32_t d = 0; d < g.output[0]; d++)
    for (int32_t h = 0; h < g.output[1]; h++)
      for (int32_t c = 0; c < g.output[2]; c++) {
        int32_t taps = 0;
        for (int32_t k = 0; k < taps_of(&g); k++) {
          int32_t kd = tap_place(&g, 0, d, k / (g.kernel[1] * g.kernel[2]));
          int32_t kh = tap_place(&g, 1, h, k / g.kernel[2] % g.kernel[1]);
          int32_t kw = tap_place(&g, 2, c, k % g.kernel[2]);
          if (kd < 0 || kh < 0 || kw < 0) continue;
          tap_input[taps] = voxel(&x, kd, kh, kw);
          tap_place_in_channel[taps++] = ((float)kd * (float)g.input[1] + (float)kh) * (float)g.input[2] + (float)kw;
        }
        float *value = voxel(&y, d, h, c), *place = voxel(&places, d, h, c);
        for (int32_t n = 0; n < channels; n++) {
          lanes best = splat(-__builtin_inff()), found = splat(taps > 0 ? tap_place_in_channel[0] : 0.0f);
          for (int32_t t = 0; t < taps; t++) {
            lanes v = load(tap_input[t] + (ptrdiff_t)n * LANES);
            mask better = (v > best) | (v != v);
            best = select(better, v, best);
            found = select(better, splat(tap_place_in_channel[t]), found);
          }
          store(value + (ptrdiff_t)n * LANES, best);
          store(place + (ptrdiff_t)n * LANES, found + splat(base + (float)n * volume));
        }
      }
  return PW_OK;
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
  for (int32_t d = 0; d < g.input[0]; d++)
    for (int32_t h = 0; h < g.input[1]; h++)
      for (int32_t c = 0; c < g.input[2]; c++) {
        int32_t taps = 0;
        for (int32_t k = 0; k < taps_of(&g); k++) {
          int32_t kd = tap_place(&adjoint, 0, d, k / (g.kernel[1] * g.kernel[2]));
          int32_t kh = tap_place(&adjoint, 1, h, k / g.kernel[2] % g.kernel[1]);
          int32_t kw = tap_place(&adjoint, 2, c, k % g.kernel[2]);
          if (kd < 0 || kh < 0 || kw < 0) continue;
          tap_input[taps] = voxel(&dy, kd, kh, kw);
          tap_placed[taps++] = voxel(&places, kd, kh, kw);
        }
        float *to = voxel(&x, d, h, c);
        float own = base + ((float)d * (float)g.input[1] + (float)h) * (float)g.input[2] + (float)c;
        for (int32_t n = 0; n < channels; n++) {
          lanes here = splat(own + (float)n * volume), sum = splat(0.0f);
          for (int32_t t = 0; t < taps; t++) {
            ptrdiff_t at = (ptrdiff_t)n * LANES;
            sum += (lanes)((load(tap_placed[t] + at) == here) & (mask)load(tap_input[t] + at));
          }
          store(to + (ptrdiff_t)n * LANES, sum);
        }
      }
  return PW_OK;
}
