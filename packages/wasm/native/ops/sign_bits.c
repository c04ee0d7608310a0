// Masks of activations as bits: a gradient needs of an activation only on which side of a bound it was, so a byte an
// element (a bit a lane) is kept instead of eight floats.

static const mask lane_bit = {1, 2, 4, 8, 16, 32, 64, 128};

INLINE uint8_t bits_of(mask m) {
#ifdef __wasm_simd128__
  typedef int32_t half __attribute__((vector_size(16)));
  half low = {m[0], m[1], m[2], m[3]}, high = {m[4], m[5], m[6], m[7]};
  return (uint8_t)(__builtin_wasm_bitmask_i32x4(low) | __builtin_wasm_bitmask_i32x4(high) << 4);
#else
  uint8_t bits = 0;
  for (int n = 0; n < LANES; n++) bits |= (uint8_t)((m[n] & 1) << n);
  return bits;
#endif
}

// Where `count` elements and their bits lie in the arena; the bits take the memory of count / 32 elements.
static int next_run(Words *w, const Memory *m, int32_t count, int32_t per_element, float **at) {
  int64_t origin = next_word(w);
  int64_t elements = ((int64_t)count + per_element - 1) / per_element;
  if (w->failed || count < 1 || origin + elements > m->arena_size) return fail(PW_BAD_FILE, "a step that reaches outside of its memory");
  *at = m->arena + origin * LANES;
  return PW_OK;
}

// Bytes, and so elements of bits, that fit into one element of floats.
#define BITS_PER_ELEMENT (4 * LANES)

// Words: 0 above or 1 below, bound, count, x, bits.
static int step_sign_bits(const Memory *m, Words *w, bool run) {
  uint32_t below = next_word(w);
  float bound = next_float(w);
  int32_t count = next_int(w);
  float *x, *bits;
  int status = next_run(w, m, count, 1, &x);
  if (!status) status = next_run(w, m, count, BITS_PER_ELEMENT, &bits);
  if (status || !run) return status;
  uint8_t *to = (uint8_t *)bits;
  for (int32_t i = 0; i < count; i++) {
    lanes value = load(x + (ptrdiff_t)i * LANES);
    to[i] = bits_of(below ? value < splat(bound) : value > splat(bound));
  }
  return PW_OK;
}

// y = x where the bit is set, 0 elsewhere. Words: count, y, x, bits. y may be x.
static int step_bit_gate(const Memory *m, Words *w, bool run) {
  int32_t count = next_int(w);
  float *y, *x, *bits;
  int status = next_run(w, m, count, 1, &y);
  if (!status) status = next_run(w, m, count, 1, &x);
  if (!status) status = next_run(w, m, count, BITS_PER_ELEMENT, &bits);
  if (status || !run) return status;
  const uint8_t *from = (const uint8_t *)bits;
  for (int32_t i = 0; i < count; i++) {
    int32_t b = from[i];
    mask set = ((mask){b, b, b, b, b, b, b, b} & lane_bit) != 0;
    store(y + (ptrdiff_t)i * LANES, (lanes)(set & (mask)load(x + (ptrdiff_t)i * LANES)));
  }
  return PW_OK;
}
