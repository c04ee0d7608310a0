// Convolution of each channel with its own kernel, and its adjoint. A block of channels of one pixel is kept in registers.
// Words: window, channels, input volume, output volume, finish (finish.h), weights ([block of OUTPUTS][tap][OUTPUTS]), bias.

// Channels c to c + count - 1 of one pixel (y, weights and bias begin there); the taps are runs of one element.
// A block that is not full is compiled by itself: with both in one function V8 keeps sums in memory.
INLINE void depthwise_tile(const Run *run, int32_t taps, ptrdiff_t c, const float *weights, const float *bias, const Finish *f, Spot at, float *y, int32_t count) {
  lanes sum[OUTPUTS];
  EACH_OUTPUT sum[i] = bias ? splat(bias[i]) : splat(0.0f);
  for (; taps > 0; taps--, run++) {
    const float *x = run->input + c * LANES, *w = weights + (ptrdiff_t)run->first * OUTPUTS;
    EACH_OUTPUT
      if (i < count) sum[i] += splat(w[i]) * load(x + i * LANES);
  }
  finish_block(f, at, c, sum, y, count);
}

static NOINLINE void depthwise_whole(const Run *run, int32_t taps, ptrdiff_t c, const float *weights, const float *bias, const Finish *f, Spot at, float *y) {
  depthwise_tile(run, taps, c, weights, bias, f, at, y, OUTPUTS);
}

static NOINLINE void depthwise_part(const Run *run, int32_t taps, ptrdiff_t c, const float *weights, const float *bias, const Finish *f, Spot at, float *y, int32_t count) {
  depthwise_tile(run, taps, c, weights, bias, f, at, y, count);
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
  Finish f;
  status = next_finish(w, m, g.output, channels, &f);
  if (status) return status;
  int64_t blocks = ((int64_t)channels + OUTPUTS - 1) / OUTPUTS;
  const float *weights = next_constants(w, m, taps_of(&g) * blocks * OUTPUTS);
  if (!weights) return PW_BAD_FILE;
  const float *bias = next_constants(w, m, f.flags & WITH_BIAS ? blocks * OUTPUTS : 0);
  if (!bias) return PW_BAD_FILE;
  if (!run) return PW_OK;

  int32_t taps = taps_of(&g), block = pixels_of_block(taps), total = g.output[0] * g.output[1] * g.output[2];
  for (int32_t first = 0; first < total; first += block) {
    int32_t count = total - first < block ? total - first : block;
    list_pixels(&g, &x, &y, 1, false, &f, channels, first, count);
    // Pixel by pixel, as channels side by side are fetched ahead; a block of channels of many pixels is not.
    for (int32_t p = 0; p < count; p++)
      for (int32_t c = 0; c < channels; c += OUTPUTS) {
        const Run *run = runs + p * taps;
        const float *own = weights + (ptrdiff_t)c * taps, *added = f.flags & WITH_BIAS ? bias + c : 0;
        float *to = pixel[p] + (ptrdiff_t)c * LANES;
        if (channels - c >= OUTPUTS) depthwise_whole(run, run_count[p], c, own, added, &f, spot[p], to);
        else depthwise_part(run, run_count[p], c, own, added, &f, spot[p], to, channels - c);
      }
  }
  return PW_OK;
}
