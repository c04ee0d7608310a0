// Products of two matrices that may both vary from row to row, one lane at a time:
// y[..., i, j] = sum over k of a[..., i, k] b[..., k, j]. Matrices times constant weights take the kernel of product.c.
// Words: k, loops (batch axes, i, j), y, a, b (strides of the loops), strides of a and b along k.

#define COLUMNS 4

static int step_matmul(const Memory *m, Words *w, bool run) {
  int32_t depth = next_int(w);
  if (depth < 1) return fail(PW_BAD_FILE, "an empty sum of products");
  Loops loops;
  View y, a, b;
  int status = next_loops(w, &loops);
  if (!status) status = next_target(w, m, &loops, &y);
  if (!status) status = next_view_raw(w, &loops, &a);
  if (!status) status = next_view_raw(w, &loops, &b);
  int32_t along_a = next_int(w), along_b = next_int(w);
  if (!status) status = place_view(m, &loops, &a, depth, along_a);
  if (!status) status = place_view(m, &loops, &b, depth, along_b);
  if (!status && loops.rank == 0) status = fail(PW_BAD_FILE, "a product without columns");
  // Strides of 0 reach nowhere, so that the places say nothing about the length of the sums.
  if (!status) status = check_turns(m, depth, true);
  if (status || !run) return status;

  const View *views[3] = {&y, &a, &b};
  float *at[3] = {y.base, a.base, b.base};
  int32_t turn[MAX_DIMS] = {0};
  uint32_t inner = loops.rank - 1;
  ptrdiff_t sa = (ptrdiff_t)along_a * unit(&a), sb = (ptrdiff_t)along_b * unit(&b);
  ptrdiff_t ja = (ptrdiff_t)a.stride[inner] * unit(&a), jb = (ptrdiff_t)b.stride[inner] * unit(&b), jy = (ptrdiff_t)y.stride[inner] * LANES;
  do {
    int32_t j = 0;
    for (; j + COLUMNS <= loops.size[inner] && ja == 0; j += COLUMNS) {
      lanes sum[COLUMNS] = {0};
      const float *pa = at[1], *pb = at[2] + j * jb;
      for (int32_t k = 0; k < depth; k++, pa += sa, pb += sb) {
        lanes value = read(pa, a.batched);
        for (int c = 0; c < COLUMNS; c++) sum[c] = multiply_add(value, read(pb + c * jb, b.batched), sum[c]);
      }
      for (int c = 0; c < COLUMNS; c++) store(at[0] + (j + c) * jy, sum[c]);
    }
    for (; j < loops.size[inner]; j++) {
      lanes sum = splat(0.0f);
      const float *pa = at[1] + j * ja, *pb = at[2] + j * jb;
      for (int32_t k = 0; k < depth; k++, pa += sa, pb += sb) sum += read(pa, a.batched) * read(pb, b.batched);
      store(at[0] + j * jy, sum);
    }
  } while (advance(&loops, inner, turn, 3, views, at));
  return PW_OK;
}
