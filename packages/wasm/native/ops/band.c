// Products and depthwise convolutions that follow each other, run over bands of rows: of the tensors between them only the
// rows that the next one's windows still need have a place, in a ring. Every pixel is computed once, by the same sums.
//
// Words: number of parts, rows of the last output at a time; for each part its op code, how many rows of its output have a
// place (a power of two; of the last part all: 0), the number of its words, its words. Planes only: the depth is 1.
// A ring with fewer rows than are needed at a time gives other numbers, but nothing outside of it is touched.

// Op codes of plan.c.
enum { BAND_PRODUCT = 5, BAND_DEPTHWISE = 6 };
#define MAX_PARTS 3

typedef struct {
  union {
    Product product;
    Depthwise depthwise;
  };
  bool is_depthwise;
  int32_t done;  // rows of the output
} Part;

static Part parts[MAX_PARTS];

static const Window *window_of(const Part *p) { return p->is_depthwise ? &p->depthwise.g : &p->product.g; }

static int next_part(Words *w, const Memory *m, int32_t kept_in, int32_t *kept_out, Part *p) {
  uint32_t op = next_word(w);
  *kept_out = next_int(w);
  uint32_t count = next_word(w);
  if (w->failed || count > (uint32_t)(w->end - w->at)) return fail(PW_BAD_FILE, "a step that ends too early");
  if (op != BAND_PRODUCT && op != BAND_DEPTHWISE) return fail(PW_BAD_FILE, "a band of other steps than products");
  if (*kept_out < 0 || (*kept_out & (*kept_out - 1)) != 0) return fail(PW_BAD_FILE, "a ring of rows whose number is no power of two");
  Words own = {w->at, w->at + count, false};
  w->at += count;
  p->is_depthwise = op == BAND_DEPTHWISE;
  p->done = 0;
  int status = p->is_depthwise ? next_depthwise(&own, m, kept_in, *kept_out, &p->depthwise)
                               : next_product(&own, m, kept_in, *kept_out, &p->product);
  if (status) return status;
  if (own.failed || own.at != own.end) return fail(PW_BAD_FILE, "a step of the wrong length");
  const Window *g = window_of(p);
  return g->input[0] == 1 && g->output[0] == 1 ? PW_OK : fail(PW_BAD_FILE, "a band of more than one plane");
}

// Whether the second part reads what the first one writes.
static bool follows(const Part *first, const Part *second) {
  const Window *a = window_of(first), *b = window_of(second);
  const Volume *y = first->is_depthwise ? &first->depthwise.y : &first->product.y;
  const Volume *x = second->is_depthwise ? &second->depthwise.x : &second->product.x;
  int64_t given = first->is_depthwise ? first->depthwise.channels : (int64_t)first->product.groups * first->product.out;
  int64_t taken = second->is_depthwise ? second->depthwise.channels : (int64_t)second->product.groups * second->product.in;
  return a->output[1] == b->input[1] && a->output[2] == b->input[2] && given == taken && x->base == y->base &&
         x->stride[1] == y->stride[1] && x->stride[2] == y->stride[2];
}

// How many rows of the input the first `end` rows of the output need, at most all.
static int32_t rows_needed(const Window *g, int32_t end) {
  int64_t last = g->transposed ? ((int64_t)end - 1 + g->pad[1]) / g->stride[1]
                               : (int64_t)(end - 1) * g->stride[1] - g->pad[1] + (int64_t)(g->kernel[1] - 1) * g->dilation[1];
  if (last < 0) return 0;
  return last < g->input[1] ? (int32_t)last + 1 : g->input[1];
}

// Makes the rows of part `i` up to `end`, and before them what they need.
static void make_rows(const Memory *m, int i, int32_t end) {
  Part *p = &parts[i];
  if (end <= p->done) return;
  const Window *g = window_of(p);
  if (i > 0) make_rows(m, i - 1, rows_needed(g, end));
  if (p->is_depthwise) run_depthwise(&p->depthwise, p->done * g->output[2], end * g->output[2]);
  else run_product(m, &p->product, p->done * g->output[2], end * g->output[2]);
  p->done = end;
}

static int step_band(const Memory *m, Words *w, bool run) {
  int32_t count = next_int(w), rows = next_int(w), kept = 0;
  if (w->failed || count < 1 || count > MAX_PARTS || rows < 1) return fail(PW_BAD_FILE, "a bad band");
  for (int32_t i = 0; i < count; i++) {
    int status = next_part(w, m, kept, &kept, &parts[i]);
    if (status) return status;
    if (i > 0 && !follows(&parts[i - 1], &parts[i])) return fail(PW_BAD_FILE, "parts of a band that do not follow each other");
  }
  if (kept != 0) return fail(PW_BAD_FILE, "a band whose result is a ring");
  if (!run) return PW_OK;
  int32_t total = window_of(&parts[count - 1])->output[1];
  for (int64_t end = rows; end < total; end += rows) make_rows(m, count - 1, (int32_t)end);
  make_rows(m, count - 1, total);
  // Rows that no window reaches: bits are kept of them too.
  for (int i = 0; i < count; i++) make_rows(m, i, window_of(&parts[i])->output[1]);
  return PW_OK;
}
