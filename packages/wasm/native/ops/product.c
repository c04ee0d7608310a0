// Every product with constant weights: convolutions of one to three axes (groups, strides, dilations), their adjoints,
// dense layers and matrices times constant matrices.
//
// An output pixel is a sum over runs: stretches of input that lie side by side in memory (a row of the kernel with all
// its channels, where nothing separates them), each with its stretch of the weights. A block of output channels of one
// pixel is kept in registers. Runs are listed once for a block of pixels and then used by all output channels.
//
// Words: window, groups, channels in and out of a group, wide blocks, input volume, output volume, finish (finish.h),
// weights (a group after another, each [block][tap and channel][channel of the block]), bias (padded like the blocks).
// A group has the wide blocks of WIDE_OUTPUTS channels first, then blocks of OUTPUTS, the last of them padded.
// Sums run over taps, then channels, in ascending order.

#define MAX_RUNS 4096
#define PIXELS 64

typedef struct {
  const float *input;
  int32_t first, length;  // in taps * channels: the part of the weights
  const uint16_t *kept;   // which of them are not zero (kept.c)
  int32_t kept_count;
} Run;

static Run runs[MAX_RUNS];
static int32_t run_count[PIXELS];
static float *pixel[PIXELS];
static Spot spot[PIXELS];

// `count` channels of one pixel, of a block of `whole`, from channel c on (y, weights and bias begin there); `sparse`: of
// the inputs that are kept.
INLINE void product_sums(int whole, bool sparse, const Run *run, int32_t runs_left, const float *weights, const float *bias, const Finish *f, Spot at, ptrdiff_t c, float *y, int32_t count) {
  lanes sum[WIDE_OUTPUTS];
  EACH_OF(whole) sum[i] = bias ? splat(bias[i]) : splat(0.0f);
  for (; runs_left > 0; runs_left--, run++) {
    const float *x = run->input, *w = weights + (ptrdiff_t)run->first * whole, *end = x + (ptrdiff_t)run->length * LANES;
    if (sparse) {
      for (const uint16_t *k = run->kept, *last = k + run->kept_count; k != last; k++) {
        lanes value = load(x + (ptrdiff_t)*k * LANES);
        const float *own = w + (ptrdiff_t)*k * whole;
        EACH_OF(whole) sum[i] = multiply_add(splat(own[i]), value, sum[i]);
      }
      continue;
    }
    do {
      lanes value = load(x);
      EACH_OF(whole) sum[i] = multiply_add(splat(w[i]), value, sum[i]);
      w += whole;
      x += LANES;
    } while (x != end);
  }
  finish_block(f, at, c, sum, y, whole, count);
}

typedef void (*Tile)(const Run *run, int32_t runs_left, const float *weights, const float *bias, const Finish *f, Spot at, ptrdiff_t c, float *y, int32_t count);

#define TILE(NAME, WHOLE, SPARSE) \
  static void NAME(const Run *run, int32_t runs_left, const float *weights, const float *bias, const Finish *f, Spot at, ptrdiff_t c, float *y, int32_t count) { \
    product_sums(WHOLE, SPARSE, run, runs_left, weights, bias, f, at, c, y, count); \
  }
TILE(tile, OUTPUTS, false)
TILE(wide_tile, WIDE_OUTPUTS, false)
TILE(kept_tile, OUTPUTS, true)
TILE(kept_wide_tile, WIDE_OUTPUTS, true)

// How the output channels of a group are cut into blocks.
typedef struct {
  int32_t wide, count, padded, channels;  // wide blocks, all blocks, channels with the padding of the last, without
} Blocks;

static int next_blocks(Words *w, int32_t channels, Blocks *b) {
  b->channels = channels;
  b->wide = next_int(w);
  if (channels > 0xffffff) return fail(PW_BAD_FILE, "too many channels");
  if (w->failed || b->wide < 0 || b->wide > channels / WIDE_OUTPUTS) return fail(PW_BAD_FILE, "more wide blocks than channels");
  int32_t rest = (channels - b->wide * WIDE_OUTPUTS + OUTPUTS - 1) / OUTPUTS;
  b->count = b->wide + rest;
  b->padded = b->wide * WIDE_OUTPUTS + rest * OUTPUTS;
  return PW_OK;
}

// The first channel of a block.
INLINE int32_t block_start(const Blocks *b, int32_t block) {
  return block < b->wide ? block * WIDE_OUTPUTS : b->wide * WIDE_OUTPUTS + (block - b->wide) * OUTPUTS;
}

// Pixels [0, count) of the lists times block `block` of weights of `depth` taps and channels; y of pixel p begins
// at to[p], its channels at c.
INLINE void product_block(const Blocks *b, int32_t block, bool sparse, int32_t depth, const float *weights, const float *bias, const Finish *f, int32_t taps, ptrdiff_t c, int32_t count) {
  bool wide = block < b->wide;
  Tile sums = wide ? (sparse ? kept_wide_tile : wide_tile) : (sparse ? kept_tile : tile);
  int32_t start = block_start(b, block), whole = wide ? WIDE_OUTPUTS : OUTPUTS;
  int32_t outputs = b->channels - start < whole ? b->channels - start : whole;
  const float *own = weights + (ptrdiff_t)start * depth, *added = bias ? bias + start : 0;
  c += start;
  for (int32_t p = 0; p < count; p++)
    sums(runs + p * taps, run_count[p], own, added, f, spot[p], c, pixel[p] + c * LANES, outputs);
}

#include "kept.c"
#include "narrow.c"

// All blocks, for as many rows as the tile has; `sparse`: of the inputs that are kept.
INLINE void product_blocks(uint32_t rows, const Blocks *b, bool sparse, int32_t depth, const float *weights, const float *bias, const Finish *f, int32_t taps, ptrdiff_t c, int32_t count) {
  if (rows <= NARROW) narrow_product(rows, b, sparse, depth, weights, bias, f, taps, c, count);
  else for (int32_t block = 0; block < b->count; block++) product_block(b, block, sparse, depth, weights, bias, f, taps, c, count);
}

// The runs of one output pixel; with `joined` a row of taps is one run.
static int32_t list_runs(const Window *g, const Volume *x, int32_t channels, bool joined, const int32_t *o, Run *run) {
  int32_t count = 0;
  for (int32_t kd = 0; kd < g->kernel[0]; kd++) {
    int32_t d = tap_place(g, 0, o[0], kd);
    if (d < 0) continue;
    for (int32_t kh = 0; kh < g->kernel[1]; kh++) {
      int32_t h = tap_place(g, 1, o[1], kh);
      if (h < 0) continue;
      int32_t row = (kd * g->kernel[1] + kh) * g->kernel[2];
      bool extends = false;
      for (int32_t kw = 0; kw < g->kernel[2]; kw++) {
        int32_t c = tap_place(g, 2, o[2], kw);
        if (c < 0) continue;
        if (extends && joined) {
          run[count - 1].length += channels;
        } else {
          run[count++] = (Run){voxel(x, d, h, c), (row + kw) * channels, channels, 0, 0};
          extends = true;
        }
      }
    }
  }
  return count;
}

// Output pixels whose runs fit into the lists.
static int32_t pixels_of_block(int32_t taps) { return MAX_RUNS / taps < PIXELS ? MAX_RUNS / taps : PIXELS; }

// Lists `count` output pixels from the first on: their runs, places, and what they are finished with.
static void list_pixels(const Window *g, const Volume *x, const Volume *y, int32_t in, bool joined, const Finish *f, int32_t channels, int32_t first, int32_t count) {
  int32_t taps = taps_of(g);
  for (int32_t p = 0; p < count; p++) {
    int32_t at = first + p;
    int32_t o[3] = {at / (g->output[1] * g->output[2]), at / g->output[2] % g->output[1], at % g->output[2]};
    run_count[p] = list_runs(g, x, in, joined, o, runs + p * taps);
    pixel[p] = voxel(y, o[0], o[1], o[2]);
    spot[p] = spot_of(f, at, channels, o[0], o[1], o[2]);
  }
}

typedef struct {
  Window g;
  int32_t groups, in, out;  // channels of a group
  Blocks blocks;
  Volume x, y;
  Finish f;
  const float *weights, *bias;
} Product;

// Rows of input and output that have a place: see next_ring.
static int next_product(Words *w, const Memory *m, int32_t kept_in, int32_t kept_out, Product *p) {
  int status = next_window(w, &p->g);
  if (status) return status;
  int32_t groups = p->groups = next_int(w), in = p->in = next_int(w), out = p->out = next_int(w);
  if (groups < 1 || in < 1 || out < 1 || (int64_t)groups * in > INT32_MAX || (int64_t)groups * out > INT32_MAX)
    return fail(PW_BAD_FILE, "a product without channels");
  status = next_blocks(w, out, &p->blocks);
  if (!status) status = next_ring(w, m, p->g.input, groups * in, kept_in, &p->x);
  if (!status) status = next_ring(w, m, p->g.output, groups * out, kept_out, &p->y);
  if (!status) status = next_finish(w, m, p->g.output, groups * out, &p->f);
  if (status) return status;
  int64_t depth = (int64_t)taps_of(&p->g) * in;
  int32_t padded = p->blocks.padded;
  if (depth > INT32_MAX || depth * padded > INT32_MAX) return fail(PW_BAD_FILE, "weights that are not there");
  p->weights = next_constants(w, m, depth * padded * groups);
  if (!p->weights) return PW_BAD_FILE;
  p->bias = next_constants(w, m, p->f.flags & WITH_BIAS ? (int64_t)padded * groups : 0);
  return p->bias ? PW_OK : PW_BAD_FILE;
}

// Output pixels [from, to).
static void run_product(const Memory *m, const Product *p, int32_t from, int32_t to) {
  const Window *g = &p->g;
  const Blocks *b = &p->blocks;
  int32_t taps = taps_of(g), block = pixels_of_block(taps), depth = taps * p->in;
  // What is kept of the inputs of so many pixels fits into its lists.
  if (p->f.flags & SKIPS_ZEROS && depth <= MOST_KEPT && MOST_KEPT / depth < block) block = MOST_KEPT / depth;
  for (int32_t group = 0; group < p->groups; group++) {
    Volume x = p->x;
    x.base += (ptrdiff_t)group * p->in * LANES;
    // The pixels of a row of taps lie side by side.
    bool joined = !g->transposed && g->dilation[2] == 1 && x.stride[2] == p->in;
    const float *weights = p->weights + (ptrdiff_t)group * b->padded * (ptrdiff_t)depth;
    const float *bias = p->f.flags & WITH_BIAS ? p->bias + (ptrdiff_t)group * b->padded : 0;
    for (int32_t first = from; first < to; first += block) {
      int32_t count = to - first < block ? to - first : block;
      list_pixels(g, &x, &p->y, p->in, joined, &p->f, p->groups * p->out, first, count);
      bool sparse = p->f.flags & SKIPS_ZEROS && keep_pixels(m->rows, b, depth, taps, count);
      product_blocks(m->rows, b, sparse, depth, weights, bias, &p->f, taps, (ptrdiff_t)group * p->out, count);
    }
  }
}

INLINE int32_t pixels_of(const Window *g) { return g->output[0] * g->output[1] * g->output[2]; }

static int step_product(const Memory *m, Words *w, bool run) {
  Product p;
  int status = next_product(w, m, 0, 0, &p);
  if (!status && run) run_product(m, &p, 0, pixels_of(&p.g));
  return status;
}
