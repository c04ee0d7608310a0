// Integrated Gradients in a C program: the core is compiled in, a file of `pathwise compile` is read, and the gradient of
// one class is summed at 32 midpoints of the path from zeros. For plans with one input. From the folder of this file:
//
//   N=../../packages/wasm/native
//   cc -std=c17 -O2 -ffp-contract=off -fno-math-errno -I $N main.c $N/core.c -lm -o attribute
//   ./attribute penguins.plan CLASS VALUE ...      prints what each value contributed, one a line
#include "pathwise.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POINTS = 32, HEAD_BYTES = 64 };

static void need(int holds, const char *what) {
  if (holds) return;
  fprintf(stderr, "%s. %s\n", what, pw_last_error());
  exit(1);
}

static void *memory(size_t bytes) {
  void *got = bytes > UINT32_MAX ? 0 : pw_alloc((uint32_t)bytes);
  need(got != 0, "no memory");
  return memset(got, 0, bytes);
}

// The plan within a plan file: words 3 and 4 of the head say where. A program that trusts nobody checks the SHA-256 too.
static int32_t load(const char *path) {
  FILE *f = fopen(path, "rb");
  need(f && fseek(f, 0, SEEK_END) == 0, "the plan file cannot be read");
  long size = ftell(f);
  rewind(f);
  unsigned char *file = malloc(size > HEAD_BYTES ? (size_t)size : HEAD_BYTES);
  need(size > HEAD_BYTES && file && fread(file, 1, (size_t)size, f) == (size_t)size, "the plan file is cut short");
  fclose(f);
  uint32_t head[5];
  memcpy(head, file, sizeof head);
  need(memcmp(file, "PWEP", 4) == 0 && head[1] == 1, "this is no plan file of version 1");
  need((uint64_t)head[3] + head[4] == (uint64_t)size, "the plan file is cut short");
  void *plan = memory(head[4]);  // read in place: it stays until the plan is freed
  memcpy(plan, file + head[3], head[4]);
  free(file);
  return pw_plan_load(plan, head[4]);
}

int main(int count, char **words) {
  need(count > 2, "usage: attribute PLAN CLASS VALUE ...");
  int32_t plan = load(words[1]);
  need(plan >= 0, "the plan cannot be loaded");
  need(pw_plan_info(plan, PW_INFO_INPUTS, 0) == 2 && pw_plan_info(plan, PW_INFO_OUTPUTS, 0) == 2, "one input is expected");
  int features = pw_plan_info(plan, PW_INFO_INPUT_SIZE, 0), classes = pw_plan_info(plan, PW_INFO_OUTPUT_SIZE, 0);
  int chosen = atoi(words[2]);
  need(count == 3 + features && chosen >= 0 && chosen < classes, "a class and every value are expected");

  // Ends of the path, and the weights that make F of the output.
  double *from = memory(8 * (size_t)features), *to = memory(8 * (size_t)features), *weights = memory(8 * (size_t)classes);
  for (int i = 0; i < features; i++) to[i] = atof(words[3 + i]);
  weights[chosen] = 1;

  uint32_t *slots = memory(4 * POINTS);
  double *alphas = memory(8 * POINTS), *shares = memory(8 * POINTS), *values = memory(8 * POINTS);
  for (int k = 0; k < POINTS; k++) {
    alphas[k] = (k + 0.5) / POINTS;
    shares[k] = 1.0 / POINTS;
  }
  int32_t job = pw_job_new(plan, 1, 1);
  need(job >= 0 && pw_job_features(job) == features, "the job cannot be made");
  need(pw_job_input(job, 0, 0, from, to) == PW_OK && pw_job_input(job, 0, 1, weights, 0) == PW_OK, "no path");
  need(pw_job_begin(job, 0) == PW_OK && pw_job_points(job, POINTS, slots, alphas, shares, values) == PW_OK, "no points");
  int32_t left = POINTS;
  while (left > 0) left = pw_job_step(job, 8);  // a slice of eight points: other work may be done in between
  need(left == 0, "the gradient cannot be computed");
  double *sum = memory(8 * (size_t)features);
  need(pw_job_result(job, 0, 0, sum) == PW_OK, "no result");
  for (int i = 0; i < features; i++) printf("%.9g\n", (to[i] - from[i]) * sum[i]);
  pw_job_free(job);
  pw_plan_free(plan);
  return 0;
}
