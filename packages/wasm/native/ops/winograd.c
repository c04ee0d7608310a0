// Convolution with a kernel of 3 x 3 and strides 1 by the minimal filtering of Winograd, F(2 x 2, 3 x 3): four outputs take
// 16 products instead of 36. Tiles of 4 x 4 inputs are transformed (V), multiplied by transformed weights with the kernel
// of product.c, each of the 16 places by itself, and transformed back:
//   V = B' d B,  M = U V,  y = A' M A.
// As accurate as the direct sum, since its sums are shorter.
// Source: Lavin and Gray 2015, Fast Algorithms for Convolutional Neural Networks, arXiv:1509.09308, section 4.1.
//
// Words: channels in and out, wide blocks (product.c), rows and columns of the input, of the output, rows and columns of padding before, input
// volume, output volume, finish (finish.h), weights ([16 places][block][channel][channel of the
// block]), bias, tiles of a
// block, scratch (its first element in the arena).

#define PLACES 16
#define MOST_TILES 64

// On halves of the lanes: 16 of them and their sums are more than the registers hold, all the more 16 whole ones.
// Transforms four floats of 16 neighbouring pixels, from float k on; place p goes to v + p * apart.
INLINE void transform_quad(const float *const *d, ptrdiff_t k, float *v, ptrdiff_t apart) {
  quad t[4][4];
#pragma GCC unroll 4
  for (int i = 0; i < 4; i++) {
    quad a = load_quad(d[4 * i] + k), b = load_quad(d[4 * i + 1] + k);
    quad c = load_quad(d[4 * i + 2] + k), e = load_quad(d[4 * i + 3] + k);
    t[i][0] = a - c;
    t[i][1] = b + c;
    t[i][2] = c - b;
    t[i][3] = b - e;
  }
#pragma GCC unroll 4
  for (int j = 0; j < 4; j++) {
    float *to = v + k + j * apart;
    store_quad(to, t[0][j] - t[2][j]);
    store_quad(to + 4 * apart, t[1][j] + t[2][j]);
    store_quad(to + 8 * apart, t[2][j] - t[1][j]);
    store_quad(to + 12 * apart, t[1][j] - t[3][j]);
  }
}

static NOINLINE void transform_input(const float *const *d, int32_t channels, float *v, ptrdiff_t apart) {
  for (ptrdiff_t k = 0; k < (ptrdiff_t)channels * LANES; k += LANES / 2) transform_quad(d, k, v, apart);
}

// Rows of a narrow tile lie in the lower half of the lanes.
static NOINLINE void transform_narrow_input(const float *const *d, int32_t channels, float *v, ptrdiff_t apart) {
  for (ptrdiff_t k = 0; k < (ptrdiff_t)channels * LANES; k += LANES) transform_quad(d, k, v, apart);
}

// Whether a channel is zero in four pixels and all rows.
INLINE bool is_zero_in(const float *const *d, int a, int b, int c, int e, ptrdiff_t k, ptrdiff_t upper) {
  const quad zero = splat_quad(0.0f);
  const float *x = d[a] + k, *y = d[b] + k, *z = d[c] + k, *w = d[e] + k;
  quad_mask low = (load_quad(x) != zero) | (load_quad(y) != zero) | (load_quad(z) != zero) | (load_quad(w) != zero);
  x += upper, y += upper, z += upper, w += upper;
  quad_mask high = (load_quad(x) != zero) | (load_quad(y) != zero) | (load_quad(z) != zero) | (load_quad(w) != zero);
  return !any_set(low | high);
}

// Transforms the channels that are not zero in all of the pixels, and lists them; returns their number.
INLINE int32_t transform_kept(const float *const *d, int32_t channels, float *v, ptrdiff_t apart, uint16_t *list, ptrdiff_t upper) {
  int32_t count = 0;
  for (int32_t c = 0; c < channels; c++) {
    ptrdiff_t k = (ptrdiff_t)c * LANES;
    // The four in the middle tell most of the time.
    if (is_zero_in(d, 5, 6, 9, 10, k, upper) && is_zero_in(d, 0, 1, 2, 3, k, upper) &&
        is_zero_in(d, 4, 7, 8, 11, k, upper) && is_zero_in(d, 12, 13, 14, 15, k, upper))
      continue;
    list[count++] = (uint16_t)c;
    transform_quad(d, k, v, apart);
    if (upper) transform_quad(d, k + upper, v, apart);
  }
  return count;
}

static NOINLINE int32_t transform_kept_input(const float *const *d, int32_t channels, float *v, ptrdiff_t apart, uint16_t *list) {
  return transform_kept(d, channels, v, apart, list, LANES / 2);
}

static NOINLINE int32_t transform_kept_narrow_input(const float *const *d, int32_t channels, float *v, ptrdiff_t apart, uint16_t *list) {
  return transform_kept(d, channels, v, apart, list, 0);
}

// The channels that are kept of each tile of a block: lists behind those of the products.
#define TILE_KEPT (kept + MOST_KEPT / 2)
static int32_t tile_kept_count[MOST_TILES];

// Of the channels that are kept of tiles [0, count), those that are not zero at a place: the runs of the products.
static void keep_place(ptrdiff_t upper, int32_t channels, int32_t count) {
  for (int32_t t = 0, at = 0; t < count; at += runs[t++].kept_count) {
    const uint16_t *own = TILE_KEPT + t * channels;
    int32_t found = 0;
    for (int32_t i = 0; i < tile_kept_count[t]; i++) {
      kept[at + found] = own[i];
      found += is_kept(runs[t].input + (ptrdiff_t)own[i] * LANES, upper);
    }
    runs[t].kept = kept + at;
    runs[t].kept_count = found;
  }
}

// Channel c of one tile back: m + p * apart are the places; y[0] to y[3] the four outputs, 0 where outside. Of a narrow
// tile only the lower half, which the upper repeats.
INLINE void transform_output(uint32_t flags, bool narrow, const float *m, ptrdiff_t apart, float bias, const Finish *f, const Spot *at, ptrdiff_t c, float *const *y) {
  lanes out[4];
  for (int half = 0; half < 2; half++) {
    if (narrow && half == 1) {
#pragma GCC unroll 4
      for (int i = 0; i < 4; i++) out[i] = joined(low_half(out[i]), low_half(out[i]));
      break;
    }
    const float *from = m + 4 * half;
    quad s[2][4], o[4];
#pragma GCC unroll 4
    for (int j = 0; j < 4; j++) {
      quad a = load_quad(from + j * apart), b = load_quad(from + (4 + j) * apart);
      quad d = load_quad(from + (8 + j) * apart), e = load_quad(from + (12 + j) * apart);
      s[0][j] = a + b + d;
      s[1][j] = b - d - e;
    }
#pragma GCC unroll 2
    for (int i = 0; i < 2; i++) {
      o[2 * i] = s[i][0] + s[i][1] + s[i][2];
      o[2 * i + 1] = s[i][1] - s[i][2] - s[i][3];
    }
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) store_quad((float *)&out[i] + 4 * half, o[i]);
  }
  for (int i = 0; i < 4; i++)
    if (y[i]) finish_one(flags, f, at[i], c, out[i] + splat(bias), y[i]);
}

INLINE void transform_channels(uint32_t flags, bool narrow, const float *m, ptrdiff_t apart, int32_t channels, const float *bias, const Finish *f, const Spot *at, float **y) {
  for (int32_t c = 0; c < channels; c++, m += LANES) {
    transform_output(flags, narrow, m, apart, bias ? bias[c] : 0, f, at, c, y);
    for (int i = 0; i < 4; i++)
      if (y[i]) y[i] += LANES;
  }
}

static void transform_tile(bool narrow, const float *m, ptrdiff_t apart, int32_t channels, const float *bias, const Finish *f, const Spot *at, float **y) {
  uint32_t flags = f->flags & ~(uint32_t)NOT_OF_STORE;
  switch (flags) {
#define CASE(F) case F: transform_channels(F, narrow, m, apart, channels, bias, f, at, y); return;
    FOR_COMMON_FLAGS(CASE)
#undef CASE
    default: transform_channels(flags, narrow, m, apart, channels, bias, f, at, y);
  }
}

static int step_winograd(const Memory *m, Words *w, bool run) {
  int32_t in = next_int(w), out = next_int(w);
  Blocks blocks;
  if (next_blocks(w, out < 1 ? 0 : out, &blocks)) return PW_BAD_FILE;
  int32_t size[2][3] = {{1}, {1}}, pad[2];
  bool bad = in < 1 || out < 1 || in > 0xffffff || out > 0xffffff;
  for (int side = 0; side < 2; side++)
    for (int axis = 1; axis < 3; axis++) {
      int32_t value = size[side][axis] = next_int(w);
      bad |= value < 1 || value > 0xffffff;
    }
  for (int axis = 0; axis < 2; axis++) {
    pad[axis] = next_int(w);
    bad |= pad[axis] < -0xffffff || pad[axis] > 0xffffff;
  }
  if (bad) return fail(PW_BAD_FILE, "a window with a bad size");
  Volume x, y;
  int status = next_volume(w, m, size[0], in, &x);
  if (!status) status = next_volume(w, m, size[1], out, &y);
  if (status) return status;
  Finish f;
  status = next_finish(w, m, size[1], out, &f);
  if (status) return status;
  int32_t wide = blocks.padded;
  int64_t panel = (int64_t)in * wide;
  const float *weights = next_constants(w, m, PLACES * panel);
  if (!weights) return PW_BAD_FILE;
  const float *bias = next_constants(w, m, f.flags & WITH_BIAS ? wide : 0);
  if (!bias) return PW_BAD_FILE;
  int32_t most = next_int(w);
  int64_t scratch_at = next_word(w);
  if (w->failed || most < 1 || most > MOST_TILES) return fail(PW_BAD_FILE, "a bad number of tiles");
  if (scratch_at + in + (int64_t)PLACES * most * (in + wide) > m->arena_size)
    return fail(PW_BAD_FILE, "a step that reaches outside of its memory");
  if (!run) return PW_OK;

  bool narrow = m->rows <= NARROW;
  // A row of zeros for pixels outside, then V and M.
  float *zeros = m->arena + scratch_at * LANES, *v = zeros + (ptrdiff_t)in * LANES;
  ptrdiff_t apart_v = (ptrdiff_t)most * in * LANES, apart_m = (ptrdiff_t)most * wide * LANES;
  float *products = v + PLACES * apart_v;
  for (int32_t i = 0; i < in; i++) store(zeros + (ptrdiff_t)i * LANES, splat(0.0f));
  const Finish raw = {0};
  const Spot nowhere = {0};
  Blocks padded = blocks;
  padded.channels = blocks.padded;
  int32_t across = (size[1][2] + 1) / 2, total = (size[1][1] + 1) / 2 * across;
  for (int32_t first = 0; first < total; first += most) {
    int32_t count = total - first < most ? total - first : most;
    // Zeros are looked for where they are an eighth of the channels of the first tile or more.
    bool sparse = f.flags & SKIPS_ZEROS && (int64_t)count * in <= MOST_KEPT / 2;
    for (int32_t t = 0; t < count; t++) {
      int32_t row = (first + t) / across * 2 - pad[0], column = (first + t) % across * 2 - pad[1];
      const float *d[PLACES];
      for (int32_t i = 0; i < PLACES; i++) {
        int32_t r = row + i / 4, c = column + i % 4;
        d[i] = r >= 0 && r < size[0][1] && c >= 0 && c < size[0][2] ? voxel(&x, 0, r, c) : zeros;
      }
      float *to = v + (ptrdiff_t)t * in * LANES;
      if (sparse) {
        tile_kept_count[t] = (narrow ? transform_kept_narrow_input : transform_kept_input)(d, in, to, apart_v, TILE_KEPT + t * in);
        sparse = t > 0 || tile_kept_count[t] <= in - in / 8;
      }
      if (!sparse) (narrow ? transform_narrow_input : transform_input)(d, in, to, apart_v);
    }
    for (int32_t p = 0; p < PLACES; p++) {
      for (int32_t t = 0; t < count; t++) {
        runs[t] = (Run){v + p * apart_v + (ptrdiff_t)t * in * LANES, 0, in, 0, 0};
        run_count[t] = 1;
        pixel[t] = products + p * apart_m + (ptrdiff_t)t * wide * LANES;
        spot[t] = nowhere;
      }
      bool left_out = sparse;
      if (sparse) keep_place(upper_half(m->rows), in, count);
      else left_out = f.flags & SKIPS_ZEROS && keep_pixels(m->rows, &padded, in, 1, count);
      // The products have room for the padding of the last block.
      product_blocks(m->rows, &padded, left_out, in, weights + p * panel, 0, &raw, 1, 0, count);
    }
    for (int32_t t = 0; t < count; t++) {
      int32_t row = (first + t) / across * 2, column = (first + t) % across * 2;
      float *to[4];
      Spot at[4];
      for (int32_t i = 0; i < 4; i++) {
        int32_t r = row + i / 2, c = column + i % 2;
        bool inside = r < size[1][1] && c < size[1][2];
        to[i] = inside ? voxel(&y, 0, r, c) : 0;
        at[i] = inside ? spot_of(&f, (ptrdiff_t)r * size[1][2] + c, out, 0, r, c) : nowhere;
      }
      transform_tile(narrow, products + (ptrdiff_t)t * wide * LANES, apart_m, out, f.flags & WITH_BIAS ? bias : 0, &f, at, to);
    }
  }
  return PW_OK;
}
