// Runs plans natively, for tests under sanitizers; not part of the core.
//   cases run IN OUT          evaluates the cases of a file and writes their outputs
//   cases mutate IN COUNT SEED  changes the plan of the first case COUNT times and loads and runs what is left of it
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

static int mutate(FILE *in, uint32_t count, uint32_t seed) {
  uint32_t ran = 0, refused = 0;
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
        ran++;
      } else {
        refused++;
      }
      if (plan >= 0) pw_plan_free(plan);
      free(plan_words);
    }
    end_case(&c);
  }
  printf("%u %u\n", ran, refused);
  return 0;
}

int main(int count, char **arguments) {
  need(count >= 4, "cases run IN OUT | mutate IN COUNT SEED");
  FILE *in = fopen(arguments[2], "rb");
  need(in != 0, "cannot open the file of cases");
  if (strcmp(arguments[1], "mutate") == 0) return mutate(in, (uint32_t)atoi(arguments[3]), (uint32_t)atoi(arguments[4]));
  FILE *out = fopen(arguments[3], "wb");
  need(out != 0, "cannot write the outputs");
  return run_all(in, out) + fclose(out);
}
