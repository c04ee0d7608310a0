// The core with its conformance cases inside, for a host that can only call an export and look at the memory afterwards.
// conformance.h is written by wasmtime.mjs: where the parts of each case lie in the file, and the number of rows.
#include "core.c"

#pragma clang diagnostic ignored "-Wc23-extensions"
static const uint8_t file[] __attribute__((aligned(64))) = {
#embed "conformance.bin"
};

typedef struct {
  uint32_t plan, plan_bytes, inputs, outputs;
} Case;

// A path job: two inputs, of which the second takes the weights of F.
typedef struct {
  uint32_t plan, plan_bytes, from, to, seed, points, lists, alphas, weights, values, sums, sums_count;
} PathJob;

#include "conformance.h"

// Cases that ran, values whose bits differ, and the first error.
static struct {
  int32_t cases, differing, error;
} result;

static uint32_t total_size(int32_t plan, int32_t count, int32_t size) {
  uint32_t total = 0;
  for (uint32_t i = 0, n = (uint32_t)pw_plan_info(plan, count, 0); i < n; i++) total += (uint32_t)pw_plan_info(plan, size, i);
  return total;
}

// Rows [from, from + count) of ports that lie one after the other, each [CASE_ROWS, size], to ports [count, size].
static void gather_rows(int32_t plan, const float *all, uint32_t from, uint32_t count, float *to) {
  for (uint32_t i = 0, n = (uint32_t)pw_plan_info(plan, PW_INFO_INPUTS, 0); i < n; i++) {
    uint32_t size = (uint32_t)pw_plan_info(plan, PW_INFO_INPUT_SIZE, i);
    for (uint32_t k = 0; k < count * size; k++) *to++ = all[from * size + k];
    all += CASE_ROWS * size;
  }
}

static void compare_rows(int32_t plan, const uint32_t *all, uint32_t from, uint32_t count, const uint32_t *actual) {
  for (uint32_t i = 0, n = (uint32_t)pw_plan_info(plan, PW_INFO_OUTPUTS, 0); i < n; i++) {
    uint32_t size = (uint32_t)pw_plan_info(plan, PW_INFO_OUTPUT_SIZE, i);
    for (uint32_t k = 0; k < count * size; k++) result.differing += *actual++ != all[from * size + k];
    all += CASE_ROWS * size;
  }
}

static int32_t run_case(const Case *c) {
  int32_t plan = pw_plan_load(file + c->plan, c->plan_bytes);
  if (plan < 0) return plan;
  float *inputs = pw_alloc(4 * LANES * total_size(plan, PW_INFO_INPUTS, PW_INFO_INPUT_SIZE));
  float *outputs = pw_alloc(4 * LANES * total_size(plan, PW_INFO_OUTPUTS, PW_INFO_OUTPUT_SIZE));
  int32_t status = inputs && outputs ? PW_OK : PW_NO_MEMORY;
  for (uint32_t from = 0; from < CASE_ROWS && status == PW_OK; from += LANES) {
    uint32_t count = CASE_ROWS - from < LANES ? CASE_ROWS - from : LANES;
    gather_rows(plan, (const float *)(file + c->inputs), from, count, inputs);
    status = pw_forward(plan, count, inputs, outputs);
    if (status == PW_OK) compare_rows(plan, (const uint32_t *)(file + c->outputs), from, count, (const uint32_t *)outputs);
  }
  pw_free(inputs);
  pw_free(outputs);
  pw_plan_free(plan);
  return status;
}

static const double *doubles_at(uint32_t at) { return (const double *)(file + at); }

static void compare_doubles(const double *actual, uint32_t expected, uint32_t count) {
  const uint64_t *a = (const uint64_t *)actual, *b = (const uint64_t *)(file + expected);
  for (uint32_t i = 0; i < count; i++) result.differing += a[i] != b[i];
}

static int32_t run_job(uint32_t slice) {
  const PathJob *c = &path_job;
  int32_t plan = pw_plan_load(file + c->plan, c->plan_bytes);
  if (plan < 0) return plan;
  int32_t job = pw_job_new(plan, 1, c->lists);
  if (job < 0) return job;
  uint32_t *slots = pw_alloc(4 * c->points);
  double *values = pw_alloc(8 * c->points), *sums = pw_alloc(8 * c->sums_count);
  if (!slots || !values || !sums) return PW_NO_MEMORY;
  for (uint32_t i = 0; i < c->points; i++) slots[i] = 0;
  int32_t status = pw_job_input(job, 0, 0, doubles_at(c->from), doubles_at(c->to));
  if (status == PW_OK) status = pw_job_input(job, 0, 1, doubles_at(c->seed), 0);
  if (status == PW_OK) status = pw_job_begin(job, 0);
  if (status == PW_OK) status = pw_job_points(job, c->points, slots, doubles_at(c->alphas), doubles_at(c->weights), values);
  if (status == PW_OK) do status = pw_job_step(job, slice); while (status > 0);
  for (uint32_t l = 0; l < c->lists && status == PW_OK; l++)
    status = pw_job_result(job, 0, l, sums + l * (c->sums_count / c->lists));
  compare_doubles(values, c->values, c->points);
  compare_doubles(sums, c->sums, c->sums_count);
  pw_plan_free(plan);
  pw_free(slots);
  pw_free(values);
  pw_free(sums);
  return status;
}

void conformance(void) {
  for (uint32_t i = 0; i < sizeof cases / sizeof *cases && result.error == PW_OK; i++) {
    result.error = run_case(&cases[i]);
    if (result.error == PW_OK) result.cases++;
  }
  const uint32_t slices[] = {1, 7, path_job.points};
  for (int i = 0; i < 3 && result.error == PW_OK; i++) {
    result.error = run_job(slices[i]);
    if (result.error == PW_OK) result.cases++;
  }
}

const void *conformance_result(void) { return &result; }
