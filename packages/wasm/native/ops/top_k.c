// The k largest or smallest elements along an axis and their places, in order; of equal ones the first comes first.
// Words: 0 largest or 1 smallest, k, length, strides of x, values and places along the axis, loops over the rest, x, values,
// places.

#define MOST_RANKS 64

static int step_top_k(const Memory *m, Words *w, bool run) {
  uint32_t smallest = next_word(w);
  int32_t k = next_int(w), length = next_int(w), along[3];
  for (int i = 0; i < 3; i++) along[i] = next_int(w);
  if (smallest > 1 || k < 1 || k > MOST_RANKS || length < k) return fail(PW_BAD_FILE, "a bad ranking");
  Loops loops;
  View view[3];
  int status = next_loops(w, &loops);
  for (int i = 0; i < 3 && !status; i++) {
    status = next_view_raw(w, &loops, &view[i]);
    if (!status) status = place_view(m, &loops, &view[i], i == 0 ? length : k, along[i]);
    if (!status && i > 0 && !view[i].batched) status = fail(PW_BAD_FILE, "a step that writes to constants");
  }
  if (!status) status = check_turns(m, loops.turns * length, true);
  if (status || !run) return status;

  const View *views[3] = {&view[0], &view[1], &view[2]};
  float *at[3] = {view[0].base, view[1].base, view[2].base};
  int32_t turn[MAX_DIMS] = {0};
  float sign = smallest ? -1.0f : 1.0f;
  do {
    for (int n = 0; n < LANES; n++) {
      // Whatever ranks behind the last one found is still to come; so nothing is marked as taken.
      float last = __builtin_inff();
      int32_t last_place = -1;
      for (int32_t rank = 0; rank < k; rank++) {
        float best = __builtin_nanf("");
        int32_t found = -1;
        for (int32_t i = 0; i < length; i++) {
          float v = sign * at[0][(ptrdiff_t)i * along[0] * unit(&view[0]) + (view[0].batched ? n : 0)];
          bool left = v < last || (v == last && i > last_place);
          if (left && (found < 0 || v > best)) best = v, found = i;
        }
        last = best;
        last_place = found;
        at[1][(ptrdiff_t)rank * along[1] * LANES + n] = sign * best;
        at[2][(ptrdiff_t)rank * along[2] * LANES + n] = found < 0 ? 0.0f : (float)found;
      }
    }
  } while (advance(&loops, loops.rank, turn, 3, views, at));
  return PW_OK;
}
