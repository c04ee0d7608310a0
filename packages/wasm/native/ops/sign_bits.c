// Masks of activations as bits (finish.h), where they are not kept as the activation is stored, or not used as the
// gradient is. The bits follow the loops.

// Words: flags (MARK_ABOVE, MARK_BELOW), the two bounds, loops, x, bits.
static int step_sign_bits(const Memory *m, Words *w, bool run) {
  uint32_t flags = next_word(w);
  float above = next_float(w), below = next_float(w);
  if (flags & ~(uint32_t)MARKS) return fail(PW_BAD_FILE, "an unknown mask");
  Loops loops;
  View x;
  uint8_t *bits;
  int status = next_loops(w, &loops);
  if (!status) status = next_view(w, m, &loops, &x);
  if (!status) status = next_bits(w, m, loops.turns, &bits);
  if (status || !run) return status;
  const View *views[1] = {&x};
  float *at[1] = {x.base};
  int32_t turn[MAX_DIMS] = {0};
  uint32_t inner = loops.rank == 0 ? 0 : loops.rank - 1;
  int32_t n = loops.rank == 0 ? 1 : loops.size[inner];
  ptrdiff_t stride = loops.rank == 0 ? 0 : (ptrdiff_t)x.stride[inner] * unit(&x);
  do {
    const float *from = at[0];
    for (int32_t i = 0; i < n; i++, from += stride) *bits++ = marked(flags, above, below, read(from, x.batched));
  } while (advance(&loops, inner, turn, 1, views, at));
  return PW_OK;
}

INLINE const uint8_t *gate_row(const uint8_t *bits, int32_t n, float *y, ptrdiff_t dy, const float *x, ptrdiff_t dx, bool batched) {
  for (; n > 0; n--, y += dy, x += dx) store(y, gated(*bits++, read(x, batched)));
  return bits;
}

// y = x where the bit is set, 0 elsewhere. Words: loops, y, x, bits. y may be x.
static int step_bit_gate(const Memory *m, Words *w, bool run) {
  Loops loops;
  View y, x;
  uint8_t *bits;
  int status = next_loops(w, &loops);
  if (!status) status = next_target(w, m, &loops, &y);
  if (!status) status = next_view(w, m, &loops, &x);
  if (!status) status = next_bits(w, m, loops.turns, &bits);
  if (status || !run) return status;
  const View *views[2] = {&y, &x};
  float *at[2] = {y.base, x.base};
  int32_t turn[MAX_DIMS] = {0};
  uint32_t inner = loops.rank == 0 ? 0 : loops.rank - 1;
  int32_t n = loops.rank == 0 ? 1 : loops.size[inner];
  ptrdiff_t sy = 0, sx = 0;
  if (loops.rank > 0) sy = (ptrdiff_t)y.stride[inner] * LANES, sx = (ptrdiff_t)x.stride[inner] * unit(&x);
  bool dense = sy == LANES && sx == LANES;
  const uint8_t *from = bits;
  do {
    if (dense) from = gate_row(from, n, at[0], LANES, at[1], LANES, true);
    else from = gate_row(from, n, at[0], sy, at[1], sx, x.batched);
  } while (advance(&loops, inner, turn, 2, views, at));
  return PW_OK;
}
