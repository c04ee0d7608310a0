// Convolution of each channel with its own kernel, and its adjoint.
// Words: window, channels, input volume, output volume, flags (1: a bias is added, 2: the result is cut to bounds), lower
// and upper bound, weights [tap][channel], bias.

static const float *tap_input[MAX_TAPS], *tap_weights[MAX_TAPS];

static void depthwise_pixel(int32_t taps, int32_t channels, const float *bias, const Finish *finish, float *y) {
  for (int32_t c = 0; c < channels; c++) {
    ptrdiff_t at = (ptrdiff_t)c * LANES;
    lanes sum = bias ? splat(bias[c]) : splat(0.0f);
    for (int32_t t = 0; t < taps; t++) sum += splat(tap_weights[t][c]) * load(tap_input[t] + at);
    store(y + at, finished(finish, sum));
  }
}

// A window of 3 x 3 that lies wholly inside is what networks have most of: its places stay in registers.
static void depthwise_nine(int32_t channels, const float *bias, const Finish *finish, float *y) {
  const float *x[9], *w[9];
  for (int t = 0; t < 9; t++) x[t] = tap_input[t], w[t] = tap_weights[t];
  for (int32_t c = 0; c < channels; c++) {
    ptrdiff_t at = (ptrdiff_t)c * LANES;
    lanes sum = bias ? splat(bias[c]) : splat(0.0f);
#pragma GCC unroll 9
    for (int t = 0; t < 9; t++) sum += splat(w[t][c]) * load(x[t] + at);
    store(y + at, finished(finish, sum));
  }
}

static int step_depthwise(const Memory *m, Words *w, bool run) {
  Window g;
  int status = next_window(w, &g);
  if (status) return status;
  int32_t channels = next_int(w);
  Volume x, y;
  status = next_volume(w, m, g.input, channels, &x);
  if (!status) status = next_volume(w, m, g.output, channels, &y);
  if (status) return status;
  Finish finish = next_finish(w);
  const float *weights = next_constants(w, m, (int64_t)taps_of(&g) * channels);
  if (!weights) return PW_BAD_FILE;
  const float *bias = next_constants(w, m, finish.flags & WITH_BIAS ? channels : 0);
  if (!bias) return PW_BAD_FILE;
  if (!run) return PW_OK;

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
          tap_weights[taps++] = weights + (ptrdiff_t)k * channels;
        }
        const float *added = finish.flags & WITH_BIAS ? bias : 0;
        if (taps == 9) depthwise_nine(channels, added, &finish, voxel(&y, d, h, c));
        else depthwise_pixel(taps, channels, added, &finish, voxel(&y, d, h, c));
      }
  return PW_OK;
}
