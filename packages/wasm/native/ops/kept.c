// Inputs of a product that are zero in every row are left out: rectifiers and their masks make a third to nine tenths of
// activations and gradients zero, and rows of a tile are neighbours on a path, which are zero in the same places. The sums
// keep their bits, as adding 0 times a finite weight changes none: they start from +0 or a bias other than -0, and a sum
// is -0 only if all its terms are. The compiler sets SKIPS_ZEROS where weights and bias are so.

// Inputs that a block of pixels may have; an index fits into 16 bits.
#define MOST_KEPT 65536

static uint16_t kept[MOST_KEPT];

INLINE bool any_set(quad_mask m) {
#ifdef __wasm_simd128__
  return __builtin_wasm_any_true_v128(m);
#else
  return (m[0] | m[1] | m[2] | m[3]) != 0;
#endif
}

// Tiles of so few rows keep them in the lower half of the lanes, where the kernels of narrow.c read them.
#define NARROW 4

static ptrdiff_t upper_half(uint32_t rows) { return rows <= NARROW ? 0 : LANES / 2; }

// Whether an input is not zero in a row of the tile. `upper` is where the other half of its lanes begins, 0 in a narrow
// tile, whose rows all lie in the first.
INLINE bool is_kept(const float *x, ptrdiff_t upper) {
  const quad zero = splat_quad(0.0f);
  return any_set((load_quad(x) != zero) | (load_quad(x + upper) != zero));
}

// Lists the inputs of a run that are kept from `list` on; returns their number.
static NOINLINE int32_t keep_run(ptrdiff_t upper, Run *run, uint16_t *list) {
  const float *x = run->input;
  int32_t count = 0;
  for (int32_t i = 0; i < run->length; i++, x += LANES) {
    list[count] = (uint16_t)i;
    count += is_kept(x, upper);
  }
  run->kept = list;
  run->kept_count = count;
  return count;
}

// Lists the inputs of a pixel from kept[at] on; returns where the next list begins.
static int32_t keep_pixel(ptrdiff_t upper, int32_t p, int32_t taps, int32_t at) {
  for (int32_t r = 0; r < run_count[p]; r++) at += keep_run(upper, &runs[p * taps + r], kept + at);
  return at;
}

static int32_t depth_of_pixel(int32_t p, int32_t taps) {
  int32_t depth = 0;
  for (int32_t r = 0; r < run_count[p]; r++) depth += runs[p * taps + r].length;
  return depth;
}

// Whether leaving out zeros pays for pixels [0, count), as far as the one in the middle tells: an eighth of its inputs or
// more. Their lists are made then.
static bool keep_pixels(uint32_t rows, const Blocks *b, int32_t depth, int32_t taps, int32_t count) {
  if (b->count < 2 || (int64_t)depth * count > MOST_KEPT) return false;
  ptrdiff_t upper = upper_half(rows);
  int32_t middle = count / 2, all = depth_of_pixel(middle, taps);
  if (keep_pixel(upper, middle, taps, 0) > all - all / 8) return false;
  for (int32_t p = 0, at = 0; p < count; p++) at = keep_pixel(upper, p, taps, at);
  return true;
}
