// What is done to a sum on its way to memory: a tensor is added, the sum is cut to bounds, bits of the result are kept,
// and it is masked by bits. Steps with one pass over memory less for each of them.
//
// Bits: a byte an element (a bit a lane), since a gradient needs of an activation only on which side of its bounds it
// was. They follow the elements in the order of the output: pixel by pixel, channels side by side.
#pragma once
#include "window.h"

enum { WITH_BIAS = 1, WITH_BOUNDS = 2, WITH_TERM = 4, WITH_GATE = 8, MARK_ABOVE = 16, MARK_BELOW = 32, SKIPS_ZEROS = 64 };
#define MARKS (MARK_ABOVE | MARK_BELOW)
// Flags that say how the sum is made: with a bias, and without the inputs that are zero (ops/kept.c).
#define NOT_OF_STORE (WITH_BIAS | SKIPS_ZEROS)

// Channels that products keep in registers; so many in the first blocks, where a plan says so: with fused multiply-add
// there are registers for them.
#define OUTPUTS 4
#define WIDE_OUTPUTS 6
// Unrolled, as the sums would else be written to memory to be counted through.
#define EACH_OF(COUNT) _Pragma("GCC unroll 8") for (int i = 0; i < (COUNT); i++)
#define EACH_OUTPUT EACH_OF(OUTPUTS)

typedef struct {
  uint32_t flags;
  float low, high;
  Volume term;
  const uint8_t *gate;
  uint8_t *marks;
  float above, below;
} Finish;

// Bytes, and so elements of bits, that fit into one element of floats.
#define BITS_PER_ELEMENT (4 * LANES)

INLINE uint32_t bits_of(quad_mask m) {
#ifdef __wasm_simd128__
  return __builtin_wasm_bitmask_i32x4(m);
#else
  return (uint32_t)((m[0] & 1) | (m[1] & 2) | (m[2] & 4) | (m[3] & 8));
#endif
}

INLINE uint32_t marked_half(uint32_t flags, float above, float below, quad x) {
  quad_mask inside = flags & MARK_ABOVE ? x > splat_quad(above) : x == x;
  if (flags & MARK_BELOW) inside &= x < splat_quad(below);
  return bits_of(inside);
}

INLINE uint8_t marked(uint32_t flags, float above, float below, lanes x) {
  uint32_t low = marked_half(flags, above, below, low_half(x)), high = marked_half(flags, above, below, high_half(x));
  return (uint8_t)(low | high << 4);
}

INLINE quad gated_half(quad_mask own, quad_mask bits, quad x) { return (quad)(((bits & own) == own) & (quad_mask)x); }

INLINE lanes gated(uint8_t bits, lanes x) {
  int32_t b = bits;
  quad_mask all = {b, b, b, b};
  return joined(gated_half((quad_mask){1, 2, 4, 8}, all, low_half(x)), gated_half((quad_mask){16, 32, 64, 128}, all, high_half(x)));
}

// The bits of `count` elements.
static int next_bits(Words *w, const Memory *m, int64_t count, uint8_t **bits) {
  int64_t origin = next_word(w);
  if (w->failed || count < 1 || origin + (count + BITS_PER_ELEMENT - 1) / BITS_PER_ELEMENT > m->arena_size)
    return fail(PW_BAD_FILE, "bits that reach outside of the memory");
  *bits = (uint8_t *)(m->arena + origin * LANES);
  return PW_OK;
}

// Words: flags, lower and upper bound, volume of the term, place of the bits to mask by, place of the bits to keep, and
// the bounds between which they are set. What the flags do not ask for may be anything.
static int next_finish(Words *w, const Memory *m, const int32_t *size, int32_t channels, Finish *f) {
  *f = (Finish){.flags = next_word(w)};
  f->low = next_float(w);
  f->high = next_float(w);
  Words skipped = *w;
  int64_t count = (int64_t)size[0] * size[1] * size[2] * channels;
  int status = PW_OK;
  if (f->flags & WITH_TERM) status = next_volume(&skipped, m, size, channels, &f->term);
  for (int i = 0; i < 4; i++) next_word(w);
  skipped = *w;
  uint8_t *gate = 0;
  if (!status && f->flags & WITH_GATE) status = next_bits(&skipped, m, count, &gate);
  f->gate = gate;
  next_word(w);
  skipped = *w;
  if (!status && f->flags & MARKS) status = next_bits(&skipped, m, count, &f->marks);
  next_word(w);
  f->above = next_float(w);
  f->below = next_float(w);
  if (!status && w->failed) status = fail(PW_BAD_FILE, "a step that ends too early");
  return status;
}

// Where the outputs of one pixel are finished: the term there, and the place of their first bit.
typedef struct {
  const float *term;
  ptrdiff_t bit;
} Spot;

INLINE Spot spot_of(const Finish *f, ptrdiff_t pixel, int32_t channels, int32_t d, int32_t h, int32_t w) {
  return (Spot){f->flags & WITH_TERM ? voxel(&f->term, d, h, w) : 0, pixel * channels};
}

// Stores channel `c` of a pixel. `flags` are those of f, as a constant where the caller knows them.
INLINE void finish_one(uint32_t flags, const Finish *f, Spot at, ptrdiff_t c, lanes x, float *y) {
  if (flags & WITH_TERM) x += load(at.term + c * LANES);
  if (flags & WITH_BOUNDS) x = at_most(at_least(x, splat(f->low)), splat(f->high));
  if (flags & MARKS) f->marks[at.bit + c] = marked(flags, f->above, f->below, x);
  if (flags & WITH_GATE) x = gated(f->gate[at.bit + c], x);
  store(y, x);
}

// What networks are made of is compiled by itself; any other set of flags is looked at channel by channel.
#define FOR_COMMON_FLAGS(CASE) \
  CASE(0) CASE(WITH_BOUNDS) CASE(WITH_BOUNDS | MARK_ABOVE) CASE(WITH_BOUNDS | MARKS) CASE(WITH_GATE) CASE(WITH_TERM) \
  CASE(WITH_TERM | WITH_GATE) CASE(WITH_TERM | WITH_BOUNDS | MARK_ABOVE)

// Stores `count` channels of a pixel, from channel c on, of a block of `whole`.
INLINE void finish_block(const Finish *f, Spot at, ptrdiff_t c, const lanes *x, float *y, int whole, int32_t count) {
  uint32_t flags = f->flags & ~(uint32_t)NOT_OF_STORE;
  if (count == whole) {
    switch (flags) {
#define CASE(F) \
  case F: \
    EACH_OF(whole) finish_one(F, f, at, c + i, x[i], y + i * LANES); \
    return;
      FOR_COMMON_FLAGS(CASE)
#undef CASE
      default: break;
    }
  }
  EACH_OF(whole)
    if (i < count) finish_one(flags, f, at, c + i, x[i], y + i * LANES);
}
