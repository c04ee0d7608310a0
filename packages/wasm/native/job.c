// A job: F and its gradient at points of straight paths, tile by tile. pathwise.h says what the parts mean.

#define MAX_JOBS 16

// A path that points may lie on, with the sums of its gradients.
typedef struct {
  Ends *inputs;          // one an input of the plan
  double *weights;       // of F, row-major over output 0; what input `seed` is fed with
  double *sums;          // for every list totals, then blocks: 2 * lists * features
  uint32_t in_block;     // points in the open block
} Slot;

typedef struct {
  int32_t plan;
  uint32_t seed, lists, inputs, outputs;
  uint32_t features;     // of all outputs but the first
  Port *ports;           // inputs, then outputs
  Slot slots[LANES];
  // The points that are left: read in place.
  uint32_t count, next;
  const uint32_t *point_slots;
  const double *alphas, *point_weights;
  double *values;        // F of each point
  float *vectors;        // gradients of the last tile, [LANES][features], where there are no lists
  int32_t bad_point;
} Job;

static Job *jobs[MAX_JOBS];

static Job *job_of(int32_t handle) { return handle >= 0 && handle < MAX_JOBS ? jobs[handle] : 0; }

// Memory for `count` items; 0 if there is none.
static void *obtain_raw(uint64_t count, uint32_t bytes) {
  return count * bytes > 0x7fffffffu ? 0 : pw_alloc((uint32_t)(count * bytes));
}

// The same, zeroed.
static void *obtain_items(uint64_t count, uint32_t bytes) {
  lanes *memory = obtain_raw(count, bytes);
  // Blocks are whole cache lines.
  for (size_t i = 0; memory && i < (count * bytes + sizeof(lanes) - 1) / sizeof(lanes); i++) memory[i] = splat(0);
  return memory;
}

static void free_job(int32_t handle) {
  Job *job = jobs[handle];
  jobs[handle] = 0;
  for (int s = 0; s < LANES; s++) {
    Slot *slot = &job->slots[s];
    for (uint32_t i = 0; slot->inputs && i < job->inputs; i++) {
      pw_free(slot->inputs[i].from);
      pw_free(slot->inputs[i].to);
    }
    pw_free(slot->inputs);
    pw_free(slot->weights);
    pw_free(slot->sums);
  }
  pw_free(job->vectors);
  pw_free(job->ports);
  pw_free(job);
}

static void free_jobs_of(int32_t plan) {
  for (int32_t handle = 0; handle < MAX_JOBS; handle++)
    if (jobs[handle] && jobs[handle]->plan == plan) free_job(handle);
}

void pw_job_free(int32_t handle) {
  if (job_of(handle)) free_job(handle);
}

static int open_ports(Job *job, const Plan *plan) {
  uint64_t features = 0;
  for (uint32_t i = 0; i < job->inputs + job->outputs; i++) {
    int status = open_port(plan, i, &job->ports[i]);
    if (status) return status;
    if (i > job->inputs) features += job->ports[i].size;
  }
  if (features > INT32_MAX) return fail(PW_NO_MEMORY, "the gradients have too many elements");
  job->features = (uint32_t)features;
  if (job->ports[job->seed].size != job->ports[job->inputs].size)
    return fail(PW_BAD_ARGUMENT, "the input for the weights of F has not the size of the first output");
  if (job->lists > 0) return PW_OK;
  job->vectors = obtain_items((uint64_t)LANES * job->features, sizeof(float));
  return job->vectors ? PW_OK : fail(PW_NO_MEMORY, "no memory for the gradients of a tile");
}

int32_t pw_job_new(int32_t plan_handle, uint32_t seed, uint32_t lists) {
  const Plan *plan = plan_of(plan_handle);
  if (!plan) return fail(PW_BAD_ARGUMENT, "no such plan");
  uint32_t inputs = plan->words[11], outputs = plan->words[12];
  if (seed >= inputs || outputs < 1 || lists > 0xffff) return fail(PW_BAD_ARGUMENT, "no such input, or too many lists");
  int32_t handle = 0;
  while (handle < MAX_JOBS && jobs[handle]) handle++;
  if (handle == MAX_JOBS) return fail(PW_NO_MEMORY, "too many jobs; free one");
  Job *job = obtain_items(1, sizeof(Job));
  Port *ports = job ? obtain_items((uint64_t)inputs + outputs, sizeof(Port)) : 0;
  if (!ports) {
    pw_free(job);
    return fail(PW_NO_MEMORY, "no memory for a job");
  }
  job->plan = plan_handle;
  job->seed = seed;
  job->lists = lists;
  job->inputs = inputs;
  job->outputs = outputs;
  job->ports = ports;
  job->bad_point = -1;
  jobs[handle] = job;
  int status = open_ports(job, plan);
  if (status) free_job(handle);
  return status ? status : handle;
}

// The values of an input in the order of memory, in `kept`, which is made where there is none yet.
static bool keep_values(const Port *port, const double *values, double **kept) {
  if (!*kept) *kept = obtain_raw(port->size, sizeof(double));
  if (*kept) to_memory_order(port, values, *kept);
  return *kept != 0;
}

int32_t pw_job_input(int32_t handle, uint32_t slot_at, uint32_t input, const double *from, const double *to) {
  Job *job = job_of(handle);
  if (!job) return fail(PW_BAD_ARGUMENT, "no such job");
  if (slot_at >= LANES || input >= job->inputs || !from) return fail(PW_BAD_ARGUMENT, "no such path or input");
  Slot *slot = &job->slots[slot_at];
  if (!slot->inputs) slot->inputs = obtain_items(job->inputs, sizeof(Ends));
  if (!slot->inputs) return fail(PW_NO_MEMORY, "no memory for a path");
  const Port *port = &job->ports[input];
  Ends *ends = &slot->inputs[input];
  if (!to) {
    pw_free(ends->to);
    ends->to = 0;
  }
  if (!keep_values(port, from, &ends->from) || (to && !keep_values(port, to, &ends->to)))
    return fail(PW_NO_MEMORY, "no memory for the ends of a path");
  if (input != job->seed) return PW_OK;
  if (!slot->weights) slot->weights = obtain_items(port->size, sizeof(double));
  if (!slot->weights) return fail(PW_NO_MEMORY, "no memory for the weights of F");
  for (uint32_t i = 0; i < port->size; i++) slot->weights[i] = from[i];
  return PW_OK;
}

int32_t pw_job_begin(int32_t handle, uint32_t slot_at) {
  Job *job = job_of(handle);
  if (!job) return fail(PW_BAD_ARGUMENT, "no such job");
  if (slot_at >= LANES) return fail(PW_BAD_ARGUMENT, "no such path");
  Slot *slot = &job->slots[slot_at];
  for (uint32_t i = 0; i < job->inputs; i++)
    if (!slot->inputs || !slot->inputs[i].from || !slot->weights)
      return fail(PW_BAD_ARGUMENT, "a path begins before all its inputs are given");
  slot->in_block = 0;
  uint64_t doubles = 2ull * job->lists * job->features;
  if (!slot->sums) slot->sums = obtain_items(doubles, sizeof(double));
  if (!slot->sums) return fail(PW_NO_MEMORY, "no memory for the sums of a path");
  for (uint64_t i = 0; i < doubles; i++) slot->sums[i] = 0;
  return PW_OK;
}

int32_t pw_job_points(int32_t handle, uint32_t count, const uint32_t *slots, const double *alphas, const double *weights, double *values) {
  Job *job = job_of(handle);
  if (!job) return fail(PW_BAD_ARGUMENT, "no such job");
  job->count = job->next = 0;
  job->bad_point = -1;
  if (count > INT32_MAX || (count > 0 && (!slots || !alphas || !values || (job->lists > 0 && !weights))))
    return fail(PW_BAD_ARGUMENT, "points without slots, alphas, weights or room for F");
  for (uint32_t i = 0; i < count; i++)
    if (slots[i] >= LANES || !job->slots[slots[i]].sums) return fail(PW_BAD_ARGUMENT, "a point on a path that has not begun");
  job->count = count;
  job->point_slots = slots;
  job->alphas = alphas;
  job->point_weights = weights;
  job->values = values;
  return PW_OK;
}

// F of each lane: the sum of weights times output 0, in row-major order. A weight of 0 drops its element, also where
// that is not finite.
static void evaluate(Job *job, uint32_t count) {
  const Port *port = &job->ports[job->inputs];
  double *values = job->values + job->next;
  const double *weights[LANES];
  for (uint32_t n = 0; n < count; n++) values[n] = 0;
  for (uint32_t n = 0; n < count; n++) weights[n] = job->slots[job->point_slots[job->next + n]].weights;
  const View *views[1] = {&port->view};
  float *at[1] = {port->view.base};
  int32_t turn[MAX_DIMS] = {0}, i = 0;
  do {
    for (uint32_t n = 0; n < count; n++)
      if (weights[n][i] != 0) values[n] += weights[n][i] * (double)at[0][port->view.batched ? n : 0];
    i++;
  } while (advance(&port->loops, port->loops.rank, turn, 1, views, at));
}

INLINE bool is_finite(double x) { return x - x == 0; }

static bool lane_is_finite(const Job *job, uint32_t n) {
  if (!is_finite(job->values[job->next + n])) return false;
  for (uint32_t o = 1; o < job->outputs; o++) {
    const Port *port = &job->ports[job->inputs + o];
    const View *views[1] = {&port->view};
    float *at[1] = {port->view.base};
    int32_t turn[MAX_DIMS] = {0};
    do {
      if (!is_finite(at[0][port->view.batched ? n : 0])) return false;
    } while (advance(&port->loops, port->loops.rank, turn, 1, views, at));
  }
  return true;
}

static int report_not_finite(Job *job, uint32_t count) {
  for (uint32_t n = 0; n < count; n++) {
    if (lane_is_finite(job, n)) continue;
    job->bad_point = (int32_t)(job->next + n);
    break;
  }
  return fail(PW_NOT_FINITE, "F or its gradient is not finite at a point of the path");
}

// Adds the tile to the sums of its paths; false if one is not finite then.
static bool sum_tile(Job *job, uint32_t count) {
  const uint32_t *slots = job->point_slots + job->next;
  bool finite = true;
  for (uint32_t first = 0, last; first < count; first = last) {
    Slot *slot = &job->slots[slots[first]];
    for (last = first + 1; last < count && slots[last] == slots[first] && slot->in_block + last - first < LANES;) last++;
    Stretch stretch = {first, last, slot->in_block == 0, slot->in_block + last - first == LANES};
    for (uint32_t l = 0; l < job->lists; l++) {
      double weight[LANES] = {0};
      for (uint32_t n = first; n < last; n++) weight[n] = job->point_weights[(size_t)l * job->count + job->next + n];
      double *total = slot->sums + (size_t)2 * l * job->features;
      Sum sum = {total, total + job->features};
      size_t offset = 0;
      for (uint32_t o = 1; o < job->outputs; o++) {
        const Port *port = &job->ports[job->inputs + o];
        finite = add_points(port, &sum, offset, &stretch, weight) && finite;
        offset += port->size;
      }
    }
    slot->in_block = stretch.ends ? 0 : slot->in_block + last - first;
  }
  return finite;
}

static bool keep_vectors(Job *job, uint32_t count) {
  bool finite = true;
  size_t offset = 0;
  for (uint32_t o = 1; o < job->outputs; o++) {
    const Port *port = &job->ports[job->inputs + o];
    finite = collect_points(port, count, job->vectors + offset, job->features) && finite;
    offset += port->size;
  }
  return finite;
}

static int run_tile(Job *job, const Plan *plan, uint32_t count) {
  double alpha[LANES];
  const Ends *ends[LANES];
  // Lanes beyond the points repeat the first, whose values are known to be sound.
  for (uint32_t n = 0; n < LANES; n++) alpha[n] = job->alphas[job->next + (n < count ? n : 0)];
  for (uint32_t i = 0; i < job->inputs; i++) {
    for (uint32_t n = 0; n < LANES; n++) ends[n] = &job->slots[job->point_slots[job->next + (n < count ? n : 0)]].inputs[i];
    place_points(&job->ports[i], ends, alpha);
  }
  int status = run_steps(plan, count);
  if (status) return status;
  evaluate(job, count);
  bool finite = job->lists > 0 ? sum_tile(job, count) : keep_vectors(job, count);
  for (uint32_t n = 0; n < count; n++) finite = finite && is_finite(job->values[job->next + n]);
  return finite ? PW_OK : report_not_finite(job, count);
}

int32_t pw_job_step(int32_t handle, uint32_t max_points) {
  Job *job = job_of(handle);
  const Plan *plan = job ? plan_of(job->plan) : 0;
  if (!plan) return fail(PW_BAD_ARGUMENT, "no such job");
  // Gradients by themselves are those of one tile.
  if (job->lists == 0 && max_points > LANES) max_points = LANES;
  do {
    uint32_t left = job->count - job->next, count = left < LANES ? left : LANES;
    if (count > max_points) count = max_points;
    if (count == 0) break;
    int status = run_tile(job, plan, count);
    if (status) {
      job->count = job->next = 0;
      return status;
    }
    job->next += count;
    max_points -= count;
  } while (max_points > 0);
  return (int32_t)(job->count - job->next);
}

int32_t pw_job_bad_point(int32_t handle) {
  Job *job = job_of(handle);
  return job ? job->bad_point : -1;
}

int32_t pw_job_features(int32_t handle) {
  Job *job = job_of(handle);
  return job ? (int32_t)job->features : fail(PW_BAD_ARGUMENT, "no such job");
}

const float *pw_job_vectors(int32_t handle) {
  Job *job = job_of(handle);
  return job ? job->vectors : 0;
}

int32_t pw_job_result(int32_t handle, uint32_t slot_at, uint32_t list, double *sum) {
  Job *job = job_of(handle);
  if (!job) return fail(PW_BAD_ARGUMENT, "no such job");
  if (slot_at >= LANES || list >= job->lists || !job->slots[slot_at].sums) return fail(PW_BAD_ARGUMENT, "no such path or list");
  const Slot *slot = &job->slots[slot_at];
  const double *total = slot->sums + (size_t)2 * list * job->features;
  const double *block = slot->in_block > 0 ? total + job->features : 0;
  for (uint32_t o = 1; o < job->outputs; o++) {
    const Port *port = &job->ports[job->inputs + o];
    write_sum(port, total, block, sum);
    total += port->size;
    if (block) block += port->size;
    sum += port->size;
  }
  return PW_OK;
}
