// Runs plans natively, for tests under sanitizers; not part of the core.
//   cases run IN OUT          evaluates the cases of a file and writes their outputs
//   cases jobs IN OUT         evaluates points of two paths between rows of the inputs of each case that is a gradient,
//                             and writes F, the gradients and two weighted sums of them
//   cases mutate IN COUNT SEED  changes the plan of every case COUNT times, and loads and runs what is left of it, rows and jobs
// The file: number of cases; for each the bytes of the plan, rows, floats in, floats out, the plan, the inputs.
#include "../core.c"

#include <stdio.h>
#include <string.h>

typedef struct {
  uint32_t plan_bytes, rows, floats_in, floats_out;
  void *plan;
  float *inputs, *outputs;
} Case;

static void need(bool ok, const char *what) {
  if (ok) return;
  fprintf(stderr, "%s\n", what);
  exit(2);
}

static uint32_t word(FILE *f) {
  uint32_t value = 0;
  need(fread(&value, 4, 1, f) == 1, "the file of cases is cut short");
  return value;
}

static Case next_case(FILE *f) {
  Case c;
  c.plan_bytes = word(f);
  c.rows = word(f);
  c.floats_in = word(f);
  c.floats_out = word(f);
  c.plan = aligned_alloc(64, (c.plan_bytes + 63) / 64 * 64);
  c.inputs = malloc(4 * (size_t)c.floats_in);
  c.outputs = malloc(4 * (size_t)c.floats_out);
  need(fread(c.plan, 1, c.plan_bytes, f) == c.plan_bytes, "the file of cases is cut short");
  need(fread(c.inputs, 4, c.floats_in, f) == c.floats_in, "the file of cases is cut short");
  return c;
}

static void end_case(Case *c) {
  free(c->plan);
  free(c->inputs);
  free(c->outputs);
}

static int run_all(FILE *in, FILE *out) {
  for (uint32_t left = word(in); left > 0; left--) {
    Case c = next_case(in);
    int32_t plan = pw_plan_load(c.plan, c.plan_bytes);
    need(plan >= 0, pw_last_error());
    need(pw_forward(plan, c.rows, c.inputs, c.outputs) == PW_OK, pw_last_error());
    fwrite(c.outputs, 4, c.floats_out, out);
    pw_plan_free(plan);
    end_case(&c);
  }
  return 0;
}

// The input that takes weights for output 0, or -1: the last of its size.
static int32_t seed_of(int32_t plan) {
  int32_t seed = -1, size = pw_plan_info(plan, PW_INFO_OUTPUT_SIZE, 0);
  for (int32_t i = 0; i < pw_plan_info(plan, PW_INFO_INPUTS, 0); i++)
    if (pw_plan_info(plan, PW_INFO_INPUT_SIZE, (uint32_t)i) == size) seed = i;
  return seed;
}

// Row `row` of an input of a case; `before` floats of other inputs precede its rows.
static double *row_of(const Case *c, size_t before, uint32_t row, size_t size) {
  double *values = malloc(8 * size);
  for (size_t i = 0; i < size; i++) values[i] = c->inputs[before + row * size + i];
  return values;
}

#define JOB_POINTS 19

static void run_job(const Case *c, int32_t plan, uint32_t seed, uint32_t lists, FILE *out) {
  int32_t job = pw_job_new(plan, seed, lists), features = pw_job_features(job);
  need(job >= 0 && features >= 0, pw_last_error());
  // Path 0 from row 0 to row 1, path 1 from row 1 to row 2 except for the first input, which stays.
  for (uint32_t path = 0; path < 2; path++) {
    size_t before = 0;
    for (int32_t i = 0; i < pw_plan_info(plan, PW_INFO_INPUTS, 0); i++) {
      size_t size = (size_t)pw_plan_info(plan, PW_INFO_INPUT_SIZE, (uint32_t)i);
      bool stays = (uint32_t)i == seed || (path == 1 && i == 0);
      double *from = row_of(c, before, path, size), *to = row_of(c, before, path + 1, size);
      need(pw_job_input(job, path, (uint32_t)i, from, stays ? 0 : to) == PW_OK, pw_last_error());
      free(from);
      free(to);
      before += c->rows * size;
    }
    need(pw_job_begin(job, path) == PW_OK, pw_last_error());
  }
  uint32_t slots[JOB_POINTS];
  double alphas[JOB_POINTS], weights[2 * JOB_POINTS], values[JOB_POINTS];
  for (uint32_t k = 0; k < JOB_POINTS; k++) {
    slots[k] = k < 11 ? 0 : 1;
    alphas[k] = (k % 11) / 10.0;
    weights[k] = 0.25 + k;
    weights[JOB_POINTS + k] = k % 3 - 1.0;
  }
  need(pw_job_points(job, JOB_POINTS, slots, alphas, weights, values) == PW_OK, pw_last_error());
  for (int32_t left = JOB_POINTS, next; left > 0; left = next) {
    next = pw_job_step(job, 5);
    need(next >= 0, pw_last_error());
    if (lists == 0) fwrite(pw_job_vectors(job), 4 * (size_t)features, (size_t)(left - next), out);
  }
  fwrite(values, 8, JOB_POINTS, out);
  double *sum = malloc(8 * (size_t)features);
  for (uint32_t s = 0; s < 2 * lists; s++) {
    need(pw_job_result(job, s / lists, s % lists, sum) == PW_OK, pw_last_error());
    fwrite(sum, 8, (size_t)features, out);
  }
  free(sum);
  pw_job_free(job);
}

static int run_jobs(FILE *in, FILE *out) {
  for (uint32_t left = word(in); left > 0; left--) {
    Case c = next_case(in);
    int32_t plan = pw_plan_load(c.plan, c.plan_bytes);
    need(plan >= 0, pw_last_error());
    int32_t seed = seed_of(plan);
    for (uint32_t lists = 0; seed >= 0 && lists <= 2; lists += 2) run_job(&c, plan, (uint32_t)seed, lists, out);
    pw_plan_free(plan);
    end_case(&c);
  }
  return 0;
}

static uint32_t random_state;

// xorshift, 32 bits
static uint32_t draw(void) {
  random_state ^= random_state << 13;
  random_state ^= random_state >> 17;
  random_state ^= random_state << 5;
  return random_state;
}

static uint32_t changed(uint32_t old) {
  switch (draw() % 5) {
    case 0: return draw();
    case 1: return old ^ (1u << draw() % 32);
    case 2: return old + draw() % 9 - 4;
    case 3: return draw() % 16;
    default: return 0xffffffffu - draw() % 4;
  }
}

// Floats of all inputs or outputs of a plan, at most `most`, or -1.
static int64_t floats_of(int32_t plan, int32_t count, int32_t size, int64_t most) {
  int64_t floats = 0;
  for (int32_t i = 0; i < pw_plan_info(plan, count, 0); i++) {
    floats += (int64_t)LANES * pw_plan_info(plan, size, (uint32_t)i);
    if (floats > most) return -1;
  }
  return floats;
}

static double *random_doubles(size_t count) {
  double *values = malloc(8 * (count + 1));
  for (size_t i = 0; i < count; i++) values[i] = draw() % 64 == 0 ? 1e300 : (double)(draw() % 2001) / 1000 - 1;
  return values;
}

// A job on a plan that may be anything, with arguments that may be wrong; true if points were evaluated.
static bool random_job(int32_t plan, size_t largest_input) {
  int32_t seed = draw() % 8 == 0 ? (int32_t)(draw() % 4) : seed_of(plan);
  uint32_t lists = draw() % 3;
  int32_t job = pw_job_new(plan, (uint32_t)seed, lists), inputs = pw_plan_info(plan, PW_INFO_INPUTS, 0);
  if (job < 0) return false;
  double *from = random_doubles(largest_input), *to = random_doubles(largest_input);
  for (uint32_t slot = 0; slot <= draw() % 3; slot++) {
    for (int32_t i = 0; i < inputs; i++)
      if (draw() % 64) pw_job_input(job, slot, (uint32_t)i, from, draw() % 4 ? to : 0);
    pw_job_begin(job, slot);
  }
  uint32_t count = draw() % 20, slots[20];
  double *alphas = random_doubles(count), *weights = random_doubles(count * lists), values[20];
  for (uint32_t k = 0; k < count; k++) slots[k] = draw() % 32 ? 0 : draw() % 9;
  int32_t left = pw_job_points(job, count, slots, alphas, weights, values), features = pw_job_features(job);
  bool ends = draw() % 16 == 0, ran = left == PW_OK;
  if (ends) pw_plan_free(plan);
  for (int turn = 0; turn < 25 && left >= 0; turn++) {
    left = pw_job_step(job, draw() % 20);
    if (left == 0) break;
  }
  need(left >= 0 || *pw_last_error() != 0, "an error without a text");
  double *sum = malloc(8 * ((size_t)(features > 0 ? features : 0) + 1));
  if (lists > 0) pw_job_result(job, draw() % 3, draw() % 3, sum);
  free(sum);
  free(from);
  free(to);
  free(alphas);
  free(weights);
  pw_job_free(job);
  return ran && !ends;
}

static int mutate(FILE *in, uint32_t count, uint32_t seed) {
  uint32_t ran = 0, refused = 0, jobs_run = 0;
  random_state = seed | 1;
  // The words before the constants decide what is done.
  for (uint32_t cases = word(in); cases > 0; cases--) {
    Case c = next_case(in);
    const uint32_t *whole = c.plan;
    uint32_t words = whole[5] / 4;
    for (uint32_t i = 0; i < count; i++) {
      uint32_t *plan_words = aligned_alloc(64, (c.plan_bytes + 63) / 64 * 64);
      memcpy(plan_words, whole, c.plan_bytes);
      for (uint32_t changes = 1 + draw() % 3; changes > 0; changes--) {
        uint32_t at = draw() % words;
        plan_words[at] = changed(plan_words[at]);
      }
      // A plan may ask for much memory; the host's limit says no.
      pw_memory_limit(16 << 20);
      int32_t plan = pw_plan_load(plan_words, c.plan_bytes);
      int64_t in_floats = plan < 0 ? -1 : floats_of(plan, PW_INFO_INPUTS, PW_INFO_INPUT_SIZE, 1 << 20);
      int64_t out_floats = plan < 0 ? -1 : floats_of(plan, PW_INFO_OUTPUTS, PW_INFO_OUTPUT_SIZE, 1 << 20);
      if (in_floats >= 0 && out_floats >= 0) {
        float *inputs = calloc((size_t)in_floats + 1, 4), *outputs = calloc((size_t)out_floats + 1, 4);
        int32_t status = pw_forward(plan, LANES, inputs, outputs);
        need(status == PW_OK || *pw_last_error() != 0, "an error without a text");
        free(inputs);
        free(outputs);
        jobs_run += random_job(plan, (size_t)in_floats / LANES);
        ran++;
      } else {
        refused++;
      }
      if (plan >= 0) pw_plan_free(plan);
      free(plan_words);
    }
    end_case(&c);
  }
  printf("%u %u %u\n", ran, refused, jobs_run);
  return 0;
}

int main(int count, char **arguments) {
  need(count >= 4, "cases run IN OUT | jobs IN OUT | mutate IN COUNT SEED");
  FILE *in = fopen(arguments[2], "rb");
  need(in != 0, "cannot open the file of cases");
  if (strcmp(arguments[1], "mutate") == 0) return mutate(in, (uint32_t)atoi(arguments[3]), (uint32_t)atoi(arguments[4]));
  FILE *out = fopen(arguments[3], "wb");
  need(out != 0, "cannot write the outputs");
  return (strcmp(arguments[1], "jobs") == 0 ? run_jobs(in, out) : run_all(in, out)) + fclose(out);
}
