// A plan without weights: running sums of 0, 1, 2, ... over eight elements, one a row of input.

static pw_selftest_outcome selftest = {1, {0}};

static const uint32_t selftest_plan[] __attribute__((aligned(64))) = {
    MAGIC, FORMAT_VERSION, 4 * (16 + 12 + 19 + 19), LANES, 16, 64, 0, 64, 12, 1, 112, 1, 1, 0, 0, 0,
    // Running sum, not exclusive, of 8 elements: no loops; y at 8, x at 0, both of stride 1.
    3, 10, 0, 0, 8, 0, 1, 8, 1, 0, 1, 1,
    1, 0, 1, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
    1, 8, 1, 8, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0,
};

void pw_selftest(void) {
  float input[LANES];
  for (int i = 0; i < LANES; i++) input[i] = (float)i;
  int32_t plan = pw_plan_load(selftest_plan, sizeof selftest_plan);
  selftest.status = plan < 0 ? plan : pw_forward(plan, 1, input, selftest.output);
  if (plan >= 0) pw_plan_free(plan);
}

const pw_selftest_outcome *pw_selftest_result(void) { return &selftest; }
