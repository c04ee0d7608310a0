// Products of a tile with at most four rows in use (product.c says what they are). The registers hold output channels
// side by side instead of rows, as the weights lie anyway: a quarter or half of a tile takes a quarter or half of the
// time of a whole one, a single row about a sixth. Every sum has the terms of the whole tile in the same order, and so
// the same bits. The upper rows of the tile repeat the lower.

// Stores `count` of four channels, from c on, of one pixel: of each row a register with its channels.
static NOINLINE void finish_narrow(const Finish *f, Spot at, ptrdiff_t c, const quad *row, float *y, int32_t count) {
  quad a = __builtin_shufflevector(row[0], row[1], 0, 4, 1, 5), b = __builtin_shufflevector(row[2], row[3], 0, 4, 1, 5);
  quad d = __builtin_shufflevector(row[0], row[1], 2, 6, 3, 7), e = __builtin_shufflevector(row[2], row[3], 2, 6, 3, 7);
  lanes x[OUTPUTS] = {
      __builtin_shufflevector(a, b, 0, 1, 4, 5, 0, 1, 4, 5), __builtin_shufflevector(a, b, 2, 3, 6, 7, 2, 3, 6, 7),
      __builtin_shufflevector(d, e, 0, 1, 4, 5, 0, 1, 4, 5), __builtin_shufflevector(d, e, 2, 3, 6, 7, 2, 3, 6, 7)};
  finish_block(f, at, c, x, y, OUTPUTS, count);
}

// Adds one input, times its weights, to the sums of `blocks` blocks.
INLINE void add_narrow(int rows, int blocks, int whole, ptrdiff_t apart, const float *x, const float *w, quad sum[NARROW][8]) {
  const int registers = whole == OUTPUTS ? 1 : 2;
  quad value[NARROW];
  _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++) value[r] = splat_quad(x[r]);
  EACH_OF(blocks * registers) {
    quad own = load_quad(w + i / registers * apart + i % registers * (WIDE_OUTPUTS - OUTPUTS));
    _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++) sum[r][i] = multiply_add_quad(own, value[r], sum[r][i]);
  }
}

// `blocks` blocks of `whole` channels, for `rows` rows of one pixel; the channels from c on, of which `count` exist.
// A wide block is two registers whose channels overlap.
INLINE void narrow_sums(int rows, int blocks, int whole, bool sparse, int32_t depth, const Run *run, int32_t runs_left, const float *weights, const float *bias, const Finish *f, Spot at, ptrdiff_t c, float *y, int32_t count) {
  const int registers = whole == OUTPUTS ? 1 : 2;
  quad sum[NARROW][8];
  EACH_OF(blocks * registers) {
    int32_t first = i / registers * whole + i % registers * (WIDE_OUTPUTS - OUTPUTS);
    quad start = bias ? load_quad(bias + first) : splat_quad(0.0f);
    _Pragma("GCC unroll 4") for (int r = 0; r < rows; r++) sum[r][i] = start;
  }
  ptrdiff_t apart = (ptrdiff_t)depth * whole;
  for (; runs_left > 0; runs_left--, run++) {
    const float *x = run->input, *w = weights + (ptrdiff_t)run->first * whole, *end = x + (ptrdiff_t)run->length * LANES;
    if (sparse) {
      for (const uint16_t *k = run->kept, *last = k + run->kept_count; k != last; k++)
        add_narrow(rows, blocks, whole, apart, x + (ptrdiff_t)*k * LANES, w + (ptrdiff_t)*k * whole, sum);
      continue;
    }
    do {
      add_narrow(rows, blocks, whole, apart, x, w, sum);
      w += whole;
      x += LANES;
    } while (x != end);
  }
  EACH_OF(blocks * registers) {
    quad row[NARROW];
    _Pragma("GCC unroll 4") for (int r = 0; r < NARROW; r++) {
      row[r] = sum[r % rows][i];
      // The second register of a wide block begins with channels of the first.
      if (i % registers == 1) row[r] = __builtin_shufflevector(row[r], row[r], 2, 3, 2, 3);
    }
    int32_t first = i / registers * whole + i % registers * OUTPUTS;
    int32_t most = whole - i % registers * OUTPUTS, left = count - first;
    if (most > OUTPUTS) most = OUTPUTS;
    finish_narrow(f, at, c + first, row, y + (ptrdiff_t)first * LANES, left < most ? left : most);
  }
}

typedef void (*NarrowTile)(bool sparse, int32_t depth, const Run *run, int32_t runs_left, const float *weights, const float *bias, const Finish *f, Spot at, ptrdiff_t c, float *y, int32_t count);

#define NARROW_TILE(NAME, ROWS, BLOCKS, WHOLE) \
  static void NAME(bool sparse, int32_t depth, const Run *run, int32_t runs_left, const float *weights, const float *bias, const Finish *f, Spot at, ptrdiff_t c, float *y, int32_t count) { \
    if (sparse) narrow_sums(ROWS, BLOCKS, WHOLE, true, depth, run, runs_left, weights, bias, f, at, c, y, count); \
    else narrow_sums(ROWS, BLOCKS, WHOLE, false, depth, run, runs_left, weights, bias, f, at, c, y, count); \
  }
NARROW_TILE(row_block, 1, 1, OUTPUTS)
NARROW_TILE(row_blocks, 1, 4, OUTPUTS)
NARROW_TILE(row_wide_block, 1, 1, WIDE_OUTPUTS)
NARROW_TILE(row_wide_blocks, 1, 4, WIDE_OUTPUTS)
NARROW_TILE(pair_block, 2, 1, OUTPUTS)
NARROW_TILE(pair_blocks, 2, 4, OUTPUTS)
NARROW_TILE(pair_wide_block, 2, 1, WIDE_OUTPUTS)
NARROW_TILE(pair_wide_blocks, 2, 2, WIDE_OUTPUTS)
NARROW_TILE(four_block, 4, 1, OUTPUTS)
NARROW_TILE(four_blocks, 4, 2, OUTPUTS)
NARROW_TILE(four_wide_block, 4, 1, WIDE_OUTPUTS)

// Tiles of one, two and four rows, of blocks and wide blocks: of one block, and of as many as there are registers for.
static const struct {
  NarrowTile one, many;
  int32_t blocks;
} narrow_tiles[3][2] = {
    {{row_block, row_blocks, 4}, {row_wide_block, row_wide_blocks, 4}},
    {{pair_block, pair_blocks, 4}, {pair_wide_block, pair_wide_blocks, 2}},
    {{four_block, four_blocks, 2}, {four_wide_block, four_wide_block, 1}},
};

// All blocks of a product; the rest as product_block has it.
static void narrow_product(uint32_t rows, const Blocks *b, bool sparse, int32_t depth, const float *weights, const float *bias, const Finish *f, int32_t taps, ptrdiff_t c, int32_t count) {
  for (int32_t block = 0, taken; block < b->count; block += taken) {
    bool wide = block < b->wide;
    int32_t kind = rows > 2 ? 2 : (int32_t)rows - 1, most = narrow_tiles[kind][wide].blocks;
    bool many = (wide ? b->wide : b->count) - block >= most;
    NarrowTile tile = many ? narrow_tiles[kind][wide].many : narrow_tiles[kind][wide].one;
    taken = many ? most : 1;
    int32_t start = block_start(b, block);
    const float *own = weights + (ptrdiff_t)start * depth, *added = bias ? bias + start : 0;
    for (int32_t p = 0; p < count; p++)
      tile(sparse, depth, runs + p * taps, run_count[p], own, added, f, spot[p], c + start, pixel[p] + (c + start) * LANES, b->channels - start);
  }
}
