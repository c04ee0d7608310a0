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
      if (i < count) sum[i] = multiply_add(splat(w[i]), load(x + i * LANES), sum[i]);
  }
  finish_block(f, at, c, sum, y, OUTPUTS, count);
}

static NOINLINE void depthwise_whole(const Run *run, int32_t taps, ptrdiff_t c, const float *weights, const float *bias, const Finish *f, Spot at, float *y) {
  depthwise_tile(run, taps, c, weights, bias, f, at, y, OUTPUTS);
}

static NOINLINE void depthwise_part(const Run *run, int32_t taps, ptrdiff_t c, const float *weights, const float *bias, const Finish *f, Spot at, float *y, int32_t count) {
  depthwise_tile(run, taps, c, weights, bias, f, at, y, count);
}

typedef struct {
  Window g;
  int32_t channels;
  Volume x, y;
  Finish f;
  const float *weights, *bias;
} Depthwise;

// Rows of input and output that have a place: see next_ring.
static int next_depthwise(Words *w, const Memory *m, int32_t kept_in, int32_t kept_out, Depthwise *d) {
  int status = next_window(w, &d->g);
  if (status) return status;
  int32_t channels = d->channels = next_int(w);
  status = next_ring(w, m, d->g.input, channels, kept_in, &d->x);
  if (!status) status = next_ring(w, m, d->g.output, channels, kept_out, &d->y);
  if (!status) status = next_finish(w, m, d->g.output, channels, &d->f);
  if (status) return status;
  int64_t blocks = ((int64_t)channels + OUTPUTS - 1) / OUTPUTS;
  d->weights = next_constants(w, m, taps_of(&d->g) * blocks * OUTPUTS);
  if (!d->weights) return PW_BAD_FILE;
  d->bias = next_constants(w, m, d->f.flags & WITH_BIAS ? blocks * OUTPUTS : 0);
  return d->bias ? PW_OK : PW_BAD_FILE;
}

// Output pixels [from, to).
static void run_depthwise(const Depthwise *d, int32_t from, int32_t to) {
  const Finish *f = &d->f;
  int32_t channels = d->channels, taps = taps_of(&d->g), block = pixels_of_block(taps);
  for (int32_t first = from; first < to; first += block) {
    int32_t count = to - first < block ? to - first : block;
    list_pixels(&d->g, &d->x, &d->y, 1, false, f, channels, first, count);
    // Pixel by pixel, as channels side by side are fetched ahead; a block of channels of many pixels is not.
    for (int32_t p = 0; p < count; p++)
      for (int32_t c = 0; c < channels; c += OUTPUTS) {
        const Run *run = runs + p * taps;
        const float *own = d->weights + (ptrdiff_t)c * taps, *added = f->flags & WITH_BIAS ? d->bias + c : 0;
        float *y = pixel[p] + (ptrdiff_t)c * LANES;
        if (channels - c >= OUTPUTS) depthwise_whole(run, run_count[p], c, own, added, f, spot[p], y);
        else depthwise_part(run, run_count[p], c, own, added, f, spot[p], y, channels - c);
      }
  }
}

static int step_depthwise(const Memory *m, Words *w, bool run) {
  Depthwise d;
  int status = next_depthwise(w, m, 0, 0, &d);
  if (!status && run) run_depthwise(&d, 0, pixels_of(&d.g));
  return status;
}
