// Inputs and outputs of a plan, and the order in which a job walks through them: that of memory, whatever the axes are.

// An input or output as the plan file gives it: loops over its row-major axes.
static int port_at(const Plan *plan, uint32_t nth, Loops *loops, View *view) {
  const uint32_t *head = plan->words;
  Words w = {(const uint32_t *)((const char *)head + head[10]) + (size_t)nth * PORT_WORDS, 0, false};
  w.end = w.at + PORT_WORDS;
  view->batched = next_word(&w) == 1;
  view->origin = next_word(&w);
  loops->rank = next_word(&w);
  if (loops->rank > MAX_DIMS) return fail(PW_BAD_FILE, "an input or output of too many axes");
  int64_t elements = 1;
  for (uint32_t d = 0; d < MAX_DIMS; d++) {
    int32_t size = next_int(&w);
    if (d >= loops->rank) continue;
    loops->size[d] = size;
    if (size < 1 || (elements *= size) > INT32_MAX) return fail(PW_BAD_FILE, "an input or output of a bad size");
  }
  for (uint32_t d = 0; d < MAX_DIMS; d++) view->stride[d] = next_int(&w);
  return place_view(&plan->memory, loops, view, 1, 0);
}

static int32_t elements_of(const Loops *loops) {
  int32_t elements = 1;
  for (uint32_t d = 0; d < loops->rank; d++) elements *= loops->size[d];
  return elements;
}

// Loops in the order of memory, without axes of size 1; neighbours are one loop where both strides allow it.
typedef struct {
  Loops loops;
  View memory;
  int64_t row[MAX_DIMS];  // strides of the row-major index
} Walk;

typedef struct {
  uint32_t size;
  Loops loops;  // row-major
  View view;
  Walk runs;   // joined wherever memory allows
  Walk cells;  // joined only where the row-major index allows it too
} Port;

static int64_t magnitude(int64_t value) { return value < 0 ? -value : value; }

static void walk_memory(const Port *port, bool by_index, Walk *walk) {
  uint32_t rank = port->loops.rank, order[MAX_DIMS];
  int64_t row[MAX_DIMS], stride = 1;
  for (uint32_t d = rank; d-- > 0; stride *= port->loops.size[d]) row[d] = stride;
  for (uint32_t d = 0; d < rank; d++) {
    uint32_t at = d;
    for (; at > 0 && magnitude(port->view.stride[order[at - 1]]) < magnitude(port->view.stride[d]); at--) order[at] = order[at - 1];
    order[at] = d;
  }
  *walk = (Walk){.memory = port->view};
  for (uint32_t i = 0; i < rank; i++) {
    uint32_t d = order[i], last = walk->loops.rank - 1;
    int32_t size = port->loops.size[d], step = port->view.stride[d];
    if (size == 1) continue;
    bool joins = walk->loops.rank > 0 && walk->memory.stride[last] == (int64_t)step * size &&
                 (!by_index || walk->row[last] == row[d] * size);
    if (!joins) last = walk->loops.rank++;
    walk->loops.size[last] = joins ? walk->loops.size[last] * size : size;
    walk->memory.stride[last] = step;
    walk->row[last] = row[d];
  }
}

static int open_port(const Plan *plan, uint32_t nth, Port *port) {
  int status = port_at(plan, nth, &port->loops, &port->view);
  if (status) return status;
  port->size = (uint32_t)elements_of(&port->loops);
  walk_memory(port, false, &port->runs);
  walk_memory(port, true, &port->cells);
  return PW_OK;
}

// Moves to the next element in the order of memory, and the row-major index with it; false after the last.
INLINE bool next_cell(const Walk *walk, int32_t *turn, float **at, int64_t *index) {
  for (uint32_t d = walk->loops.rank; d-- > 0;) {
    bool wraps = ++turn[d] == walk->loops.size[d];
    ptrdiff_t steps = wraps ? 1 - (ptrdiff_t)walk->loops.size[d] : 1;
    *at += steps * walk->memory.stride[d] * unit(&walk->memory);
    *index += steps * walk->row[d];
    if (!wraps) return true;
    turn[d] = 0;
  }
  return false;
}

static void to_memory_order(const Port *port, const double *row_major, double *ordered) {
  int32_t turn[MAX_DIMS] = {0};
  int64_t index = 0;
  float *at = port->view.base;
  do *ordered++ = row_major[index];
  while (next_cell(&port->cells, turn, &at, &index));
}

// Rows [rows, size] into lanes; lanes beyond the rows repeat the first row, whose values are known to be sound.
static void spread_rows(const Loops *loops, const View *view, const float *from, uint32_t rows, int32_t size) {
  const View *views[1] = {view};
  float *at[1] = {view->base};
  int32_t turn[MAX_DIMS] = {0}, i = 0;
  do {
    for (uint32_t n = 0; n < LANES; n++) at[0][n] = from[(size_t)(n < rows ? n : 0) * (uint32_t)size + (uint32_t)i];
    i++;
  } while (advance(loops, loops->rank, turn, 1, views, at));
}

static void collect_rows(const Loops *loops, const View *view, float *to, uint32_t rows, int32_t size) {
  const View *views[1] = {view};
  float *at[1] = {view->base};
  int32_t turn[MAX_DIMS] = {0}, i = 0;
  do {
    for (uint32_t n = 0; n < rows; n++) to[(size_t)n * (uint32_t)size + (uint32_t)i] = at[0][view->batched ? n : 0];
    i++;
  } while (advance(loops, loops->rank, turn, 1, views, at));
}
