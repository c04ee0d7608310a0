// The plan file, version 2. Little-endian words of 32 bits:
//   0 magic "PWPL", 1 version, 2 bytes of the file, 3 lanes, 4 elements of the arena,
//   5 offset of the constants (a multiple of 64), 6 their number, 7 offset of the steps, 8 their words, 9 their number,
//   10 offset of the inputs and outputs, 11 inputs, 12 outputs, 13 to 15 zero.
// An input or output: space (1 arena, 0 constants), origin, rank, 8 sizes, 8 strides (of the row-major axes).
// A step: op code, number of words that follow, those words (the file of each op says which).

#define MAGIC 0x4c505750u
#define FORMAT_VERSION 2u
#define HEADER_WORDS 16
#define PORT_WORDS (3 + 2 * MAX_DIMS)
#define MAX_PLANS 64

typedef struct {
  const uint32_t *words;
  Memory memory;
} Plan;

static Plan plans[MAX_PLANS];

#include "port.c"

typedef int (*Step)(const Memory *, Words *, bool run);

// Op codes of the format; a number is never used again.
static const Step steps[] = {
    0, step_map, step_reduce, step_scan, step_matmul, step_product, step_depthwise, step_max_pool, step_max_pool_gradient,
    step_gather, step_scatter, step_winograd, step_sign_bits, step_bit_gate, step_filter, step_top_k,
    step_band,
};

// Runs the steps for a tile of `rows` rows, or only checks them for none.
static int run_steps(const Plan *plan, uint32_t rows) {
  const uint32_t *head = plan->words;
  Memory memory = plan->memory;
  memory.rows = rows;
  Words all = {(const uint32_t *)((const char *)head + head[7]), 0, false};
  all.end = all.at + head[8];
  for (uint32_t i = 0; i < head[9]; i++) {
    uint32_t op = next_word(&all), count = next_word(&all);
    if (all.failed || count > (uint32_t)(all.end - all.at)) return fail(PW_BAD_FILE, "a step that ends too early");
    if (op == 0 || op >= sizeof steps / sizeof *steps) return fail(PW_BAD_FILE, "an unknown step");
    Words own = {all.at, all.at + count, false};
    int status = steps[op](&memory, &own, rows > 0);
    if (status) return status;
    if (own.failed || own.at != own.end) return fail(PW_BAD_FILE, "a step of the wrong length");
    all.at += count;
  }
  return all.at == all.end ? PW_OK : fail(PW_BAD_FILE, "words behind the last step");
}

static int check_plan(const Plan *plan) {
  const uint32_t *head = plan->words;
  Loops loops;
  View view;
  for (uint32_t i = 0; i < head[11] + head[12]; i++) {
    int status = port_at(plan, i, &loops, &view);
    if (status) return status;
    if (i < head[11] && !view.batched) return fail(PW_BAD_FILE, "an input among the constants");
  }
  return run_steps(plan, 0);
}

static bool section_fits(uint32_t offset, uint64_t bytes, uint32_t align, uint32_t total) {
  return offset % align == 0 && offset >= 4 * HEADER_WORDS && offset <= total && bytes <= total - offset;
}

static int check_header(const uint32_t *head, uint32_t bytes) {
  if (head[0] != MAGIC) return fail(PW_BAD_FILE, "this is not a plan: it does not begin with PWPL");
  if (head[1] != FORMAT_VERSION) return fail(PW_BAD_VERSION, "a plan of another format version; compile the model again");
  if (head[2] != bytes) return fail(PW_BAD_FILE, "the plan is cut short or has bytes too many");
  if (head[3] != LANES) return fail(PW_BAD_VERSION, "a plan for another number of lanes; compile the model again");
  if (head[4] > 0x7fffffffu / (4 * LANES)) return fail(PW_NO_MEMORY, "the plan needs more than 2 GiB");
  if (head[11] > 0xffff || head[12] > 0xffff) return fail(PW_BAD_FILE, "too many inputs or outputs");
  if (!section_fits(head[5], 4ull * head[6], 64, bytes) || !section_fits(head[7], 4ull * head[8], 4, bytes) ||
      !section_fits(head[10], 4ull * PORT_WORDS * (head[11] + head[12]), 4, bytes))
    return fail(PW_BAD_FILE, "a section that lies outside of the plan");
  return PW_OK;
}

int32_t pw_plan_load(const void *data, uint32_t bytes) {
  if (!data || (uintptr_t)data % 64 != 0 || bytes < 4 * HEADER_WORDS)
    return fail(PW_BAD_ARGUMENT, "a plan must be aligned to 64 bytes and have a header");
  const uint32_t *head = data;
  int status = check_header(head, bytes);
  if (status) return status;
  int32_t handle = 0;
  while (handle < MAX_PLANS && plans[handle].words) handle++;
  if (handle == MAX_PLANS) return fail(PW_NO_MEMORY, "too many plans; free one");
  float *arena = pw_alloc(head[4] * 4 * LANES);
  if (!arena) return fail(PW_NO_MEMORY, "no memory for the tensors of the plan");
  Plan plan = {head, {arena, (const float *)((const char *)data + head[5]), head[4], head[6], 0}};
  status = check_plan(&plan);
  if (status) {
    pw_free(arena);
    return status;
  }
  plans[handle] = plan;
  return handle;
}

static const Plan *plan_of(int32_t handle) {
  return handle >= 0 && handle < MAX_PLANS && plans[handle].words ? &plans[handle] : 0;
}

static void free_jobs_of(int32_t plan);

void pw_plan_free(int32_t handle) {
  if (!plan_of(handle)) return;
  free_jobs_of(handle);
  pw_free(plans[handle].memory.arena);
  plans[handle] = (Plan){0};
}

int32_t pw_plan_info(int32_t handle, int32_t what, uint32_t index) {
  const Plan *plan = plan_of(handle);
  if (!plan) return fail(PW_BAD_ARGUMENT, "no such plan");
  const uint32_t *head = plan->words;
  switch (what) {
    case PW_INFO_LANES: return LANES;
    case PW_INFO_INPUTS: return (int32_t)head[11];
    case PW_INFO_OUTPUTS: return (int32_t)head[12];
    case PW_INFO_STEPS: return (int32_t)head[9];
    case PW_INFO_ARENA_BYTES: return (int32_t)(head[4] * 4 * LANES);
    case PW_INFO_INPUT_SIZE:
    case PW_INFO_OUTPUT_SIZE: {
      bool input = what == PW_INFO_INPUT_SIZE;
      if (index >= head[input ? 11 : 12]) return fail(PW_BAD_ARGUMENT, "no such input or output");
      Loops loops;
      View view;
      int status = port_at(plan, index + (input ? 0 : head[11]), &loops, &view);
      return status ? status : elements_of(&loops);
    }
    default: return fail(PW_BAD_ARGUMENT, "no such information");
  }
}

int32_t pw_forward(int32_t handle, uint32_t rows, const float *inputs, float *outputs) {
  const Plan *plan = plan_of(handle);
  if (!plan) return fail(PW_BAD_ARGUMENT, "no such plan");
  if (rows < 1 || rows > LANES) return fail(PW_BAD_ARGUMENT, "a tile has 1 to 8 rows");
  const uint32_t *head = plan->words;
  Loops loops;
  View view;
  for (uint32_t i = 0; i < head[11]; i++) {
    int status = port_at(plan, i, &loops, &view);
    if (status) return status;
    int32_t size = elements_of(&loops);
    spread_rows(&loops, &view, inputs, rows, size);
    inputs += (size_t)rows * (uint32_t)size;
  }
  int status = run_steps(plan, rows);
  if (status) return status;
  for (uint32_t i = 0; i < head[12]; i++) {
    status = port_at(plan, head[11] + i, &loops, &view);
    if (status) return status;
    int32_t size = elements_of(&loops);
    collect_rows(&loops, &view, outputs, rows, size);
    outputs += (size_t)rows * (uint32_t)size;
  }
  return PW_OK;
}
