// Look-up and scattering along one axis; an index may differ from row to row. Negative indices count from the end.

// The element of lane n that an index points to, or -1.
INLINE int64_t resolve(float index, int32_t size) {
  if (!(index >= -(float)size && index < (float)size)) return -1;
  int64_t at = (int64_t)index;
  return at < 0 ? at + size : at;
}

// y[...] = x[... + index[...] along the axis]. Words: size and stride of the axis, loops, y, x, index.
static int step_gather(const Memory *m, Words *w, bool run) {
  int32_t size = next_int(w), stride = next_int(w);
  if (size < 1) return fail(PW_BAD_FILE, "an empty axis to look up in");
  Loops loops;
  View y, x, index;
  int status = next_loops(w, &loops);
  if (!status) status = next_target(w, m, &loops, &y);
  if (!status) status = next_view_raw(w, &loops, &x);
  if (!status) status = place_view(m, &loops, &x, size, stride);
  if (!status) status = next_view(w, m, &loops, &index);
  if (status || !run) return status;

  const View *views[3] = {&y, &x, &index};
  float *at[3] = {y.base, x.base, index.base};
  int32_t turn[MAX_DIMS] = {0};
  ptrdiff_t along = (ptrdiff_t)stride * unit(&x);
  do {
    if (!index.batched) {
      int64_t found = resolve(*at[2], size);
      if (found < 0) return fail(PW_BAD_INDEX, "an index lies outside of the axis it points into");
      store(at[0], read(at[1] + found * along, x.batched));
      continue;
    }
    for (int n = 0; n < LANES; n++) {
      int64_t found = resolve(at[2][n], size);
      if (found < 0) return fail(PW_BAD_INDEX, "an index lies outside of the axis it points into");
      at[0][n] = at[1][found * along + (x.batched ? n : 0)];
    }
  } while (advance(&loops, loops.rank, turn, 3, views, at));
  return PW_OK;
}

enum { REPLACE, ADD_TO, MULTIPLY_BY, RAISE_TO, LOWER_TO, SCATTER_END };

INLINE float scatter_one(uint32_t how, float old, float update) {
  switch (how) {
    case REPLACE: return update;
    case ADD_TO: return old + update;
    case MULTIPLY_BY: return old * update;
    case RAISE_TO: return update > old ? update : old;
    default: return update < old ? update : old;
  }
}

// y[... + index[...] along the axis] is combined with update[...], in the order of the loops.
// Words: how, size and stride of the axis, loops, y, update, index.
static int step_scatter(const Memory *m, Words *w, bool run) {
  uint32_t how = next_word(w);
  int32_t size = next_int(w), stride = next_int(w);
  if (how >= SCATTER_END || size < 1) return fail(PW_BAD_FILE, "a bad scattering");
  Loops loops;
  View y, update, index;
  int status = next_loops(w, &loops);
  if (!status) status = next_view_raw(w, &loops, &y);
  if (!status) status = place_view(m, &loops, &y, size, stride);
  if (!status && !y.batched) status = fail(PW_BAD_FILE, "a step that writes to constants");
  if (!status) status = next_view(w, m, &loops, &update);
  if (!status) status = next_view(w, m, &loops, &index);
  if (!status) status = check_turns(m, loops.turns, true);
  if (status || !run) return status;

  const View *views[3] = {&y, &update, &index};
  float *at[3] = {y.base, update.base, index.base};
  int32_t turn[MAX_DIMS] = {0};
  do {
    for (int n = 0; n < LANES; n++) {
      int64_t found = resolve(at[2][index.batched ? n : 0], size);
      if (found < 0) return fail(PW_BAD_INDEX, "an index lies outside of the axis it points into");
      float *to = at[0] + found * stride * LANES + n;
      *to = scatter_one(how, *to, at[1][update.batched ? n : 0]);
    }
  } while (advance(&loops, loops.rank, turn, 3, views, at));
  return PW_OK;
}
