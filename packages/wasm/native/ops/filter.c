// One axis of single elements filtered by a few weights: y[i] = sum over k of w[k] x[i - pad + k]. What lies outside is 0.
// Words: lengths of x and y, taps, padding before, strides of x and y along the axis, loops over the rest, y, x, weights.
static int step_filter(const Memory *m, Words *w, bool run) {
  int32_t from = next_int(w), to = next_int(w), taps = next_int(w), pad = next_int(w);
  int32_t along_x = next_int(w), along_y = next_int(w);
  if (from < 1 || to < 1 || taps < 1 || taps > MAX_TAPS || pad < -0xffffff || pad > 0xffffff) return fail(PW_BAD_FILE, "a bad filter");
  Loops loops;
  View y, x;
  int status = next_loops(w, &loops);
  if (!status) status = next_view_raw(w, &loops, &y);
  if (!status) status = next_view_raw(w, &loops, &x);
  if (!status) status = place_view(m, &loops, &y, to, along_y);
  if (!status) status = place_view(m, &loops, &x, from, along_x);
  if (!status && !(y.batched && x.batched)) status = fail(PW_BAD_FILE, "a step that writes to constants");
  if (!status) status = check_turns(m, loops.turns * to, false);
  if (status) return status;
  const float *weights = next_constants(w, m, taps);
  if (!weights) return PW_BAD_FILE;
  if (!run) return PW_OK;

  const View *views[2] = {&y, &x};
  float *at[2] = {y.base, x.base};
  int32_t turn[MAX_DIMS] = {0};
  ptrdiff_t dx = (ptrdiff_t)along_x * LANES, dy = (ptrdiff_t)along_y * LANES;
  do {
    for (int32_t i = 0; i < to; i++) {
      int64_t start = (int64_t)i - pad;
      int32_t first = start < 0 ? (int32_t)(-start < taps ? -start : taps) : 0;
      int32_t end = start + taps > from ? (int32_t)(from - start > first ? from - start : first) : taps;
      lanes sum = splat(0.0f);
      const float *p = at[1] + (ptrdiff_t)(start + first) * dx;
      for (int32_t k = first; k < end; k++, p += dx) sum += splat(weights[k]) * load(p);
      store(at[0] + (ptrdiff_t)i * dy, sum);
    }
  } while (advance(&loops, loops.rank, turn, 2, views, at));
  return PW_OK;
}
