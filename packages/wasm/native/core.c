// The compute core, one translation unit: pathwise.h says what it offers. Order: helpers, kernels, plans.
#include "pathwise.h"
#include "lanes.h"
#include "math.h"
#include "step.h"
#include "window.h"
#include "finish.h"

static const char *last_error = "";

static int fail(pw_error code, const char *text) {
  last_error = text;
  return code;
}

const char *pw_last_error(void) { return last_error; }

int32_t pw_abi_version(void) { return PW_ABI_VERSION; }

uint32_t pw_features(void) {
  uint32_t features = 0;
#ifdef __wasm_simd128__
  features |= PW_FEATURE_SIMD128;
#endif
#ifdef __wasm_relaxed_simd__
  features |= PW_FEATURE_RELAXED;
#endif
  return features;
}

#include "memory.c"
#include "ops/map.c"
#include "ops/reduce.c"
#include "ops/matmul.c"
#include "ops/product.c"
#include "ops/winograd.c"
#include "ops/depthwise.c"
#include "ops/band.c"
#include "ops/filter.c"
#include "ops/max_pool.c"
#include "ops/gather.c"
#include "ops/top_k.c"
#include "ops/sign_bits.c"
#include "plan.c"
#include "path.c"
#include "job.c"
#include "selftest.c"
