// Products of two matrices that may both vary from row to row, one lane at a time:
// y[..., i, j] = sum over k of a[..., i, k] b[..., k, j]. Matrices times constant weights take the kernel of product.c.
// Words: k, loops (batch axes, i, j), y, a, b (strides of the loops), strides of a and b along k.
// Sums run over k in ascending order, whatever block they are part of.

#define COLUMNS 4
#define ROWS 2
// Longest columns that are copied side by side.
#define MAX_PANEL 1024

typedef struct {
  int32_t depth;
  ptrdiff_t along_a, along_b, row_a, row_y, column_b, column_y;  // in floats
  bool batched_a, batched_b;
  bool narrow;  // the upper half of the lanes repeats the lower
} Matrices;

// COLUMNS columns of b, each half of the lanes by itself, so that a block keeps within the registers.
static quad panel[2][MAX_PANEL][COLUMNS];

static void fill_panel(const Matrices *g, const float *b) {
  for (int32_t k = 0; k < g->depth; k++, b += g->along_b)
    for (int c = 0; c < COLUMNS; c++) {
      lanes value = read(b + c * g->column_b, g->batched_b);
      panel[0][k][c] = low_half(value);
      panel[1][k][c] = high_half(value);
    }
}

// `rows` rows of a times the columns of the panel.
INLINE void panel_rows(const Matrices *g, int rows, const float *a, float *y) {
  for (int half = 0; half < (g->narrow ? 1 : 2); half++) {
    quad sum[ROWS][COLUMNS];
    EACH_OF(rows) for (int c = 0; c < COLUMNS; c++) sum[i][c] = splat_quad(0.0f);
    const float *x = a + (g->batched_a ? 4 * half : 0);
    const quad *column = panel[half][0], *end = panel[half][g->depth];
    do {
      quad value[ROWS];
      EACH_OF(rows) value[i] = g->batched_a ? load_quad(x + i * g->row_a) : splat_quad(x[i * g->row_a]);
      EACH_OF(rows) for (int c = 0; c < COLUMNS; c++) sum[i][c] = multiply_add_quad(value[i], column[c], sum[i][c]);
      x += g->along_a;
      column += COLUMNS;
    } while (column != end);
    EACH_OF(rows) for (int c = 0; c < COLUMNS; c++) {
      float *to = y + i * g->row_y + c * g->column_y;
      store_quad(to + 4 * half, sum[i][c]);
      if (g->narrow) store_quad(to + 4, sum[i][c]);
    }
  }
}

static NOINLINE void panel_pair(const Matrices *g, const float *a, float *y) { panel_rows(g, ROWS, a, y); }
static NOINLINE void panel_row(const Matrices *g, const float *a, float *y) { panel_rows(g, 1, a, y); }

static NOINLINE void single_sum(const Matrices *g, const float *a, const float *b, float *y) {
  lanes sum = splat(0.0f);
  for (int32_t k = 0; k < g->depth; k++, a += g->along_a, b += g->along_b)
    sum = multiply_add(read(a, g->batched_a), read(b, g->batched_b), sum);
  store(y, sum);
}

// `rows` times `columns` sums.
static void matrix_product(const Matrices *g, int32_t rows, int32_t columns, const float *a, const float *b, float *y) {
  int32_t j = 0;
  for (; j + COLUMNS <= columns && rows >= ROWS && g->depth <= MAX_PANEL; j += COLUMNS) {
    fill_panel(g, b + j * g->column_b);
    float *to = y + j * g->column_y;
    int32_t i = 0;
    for (; i + ROWS <= rows; i += ROWS) panel_pair(g, a + i * g->row_a, to + i * g->row_y);
    if (i < rows) panel_row(g, a + i * g->row_a, to + i * g->row_y);
  }
  for (; j < columns; j++)
    for (int32_t i = 0; i < rows; i++) single_sum(g, a + i * g->row_a, b + j * g->column_b, y + i * g->row_y + j * g->column_y);
}

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

  // Columns innermost, where a stands still; rows around them, where b does.
  uint32_t around = loops.rank;
  int32_t rows = 1, columns = 1;
  Matrices g = {.depth = depth, .batched_a = a.batched, .batched_b = b.batched, .narrow = m->rows <= LANES / 2};
  g.along_a = (ptrdiff_t)along_a * unit(&a);
  g.along_b = (ptrdiff_t)along_b * unit(&b);
  if (a.stride[around - 1] == 0) {
    columns = loops.size[--around];
    g.column_b = (ptrdiff_t)b.stride[around] * unit(&b);
    g.column_y = (ptrdiff_t)y.stride[around] * LANES;
  }
  if (around > 0 && b.stride[around - 1] == 0) {
    rows = loops.size[--around];
    g.row_a = (ptrdiff_t)a.stride[around] * unit(&a);
    g.row_y = (ptrdiff_t)y.stride[around] * LANES;
  }
  const View *views[3] = {&y, &a, &b};
  float *at[3] = {y.base, a.base, b.base};
  int32_t turn[MAX_DIMS] = {0};
  do {
    matrix_product(&g, rows, columns, at[1], at[2], at[0]);
  } while (advance(&loops, around, turn, 3, views, at));
  return PW_OK;
}
