// The C interface of the Pathwise compute core. No imports, no global state but the plans that were loaded.
//
// A plan is a model's graph (forward, or forward and gradient) compiled to a list of steps over a static arena.
// A tile is LANES rows of the batch (points of a path), evaluated at once; a row never influences another.
// Functions that can fail return a negative pw_error; pw_last_error then says what and where. Nothing traps on bad input.
// Memory may grow in pw_alloc and pw_plan_load: a host in JavaScript makes its views on the memory anew after them.
#ifndef PATHWISE_H
#define PATHWISE_H

#include <stdint.h>

#define PW_ABI_VERSION 1

typedef enum {
  PW_OK = 0,
  PW_BAD_ARGUMENT = -1,  // a handle, count or pointer that cannot be
  PW_BAD_FILE = -2,      // not a plan, or one that contradicts itself
  PW_BAD_VERSION = -3,   // a plan of another format version
  PW_NO_MEMORY = -4,     // the limit of pw_memory_limit is reached, or the host gives no more
  PW_BAD_INDEX = -5,     // an index in the data lies outside of the indexed axis
} pw_error;

// Bits of pw_features.
#define PW_FEATURE_SIMD128 1u
#define PW_FEATURE_RELAXED 2u

// What pw_plan_info tells.
typedef enum {
  PW_INFO_LANES = 0,         // rows of a tile
  PW_INFO_INPUTS = 1,        // number of inputs
  PW_INFO_OUTPUTS = 2,
  PW_INFO_STEPS = 3,
  PW_INFO_ARENA_BYTES = 4,   // memory taken at load, beside the plan itself
  PW_INFO_INPUT_SIZE = 5,    // elements of one row of input `index`
  PW_INFO_OUTPUT_SIZE = 6,
} pw_info;

// Version of this interface; a host refuses a core whose version it does not know.
int32_t pw_abi_version(void);
uint32_t pw_features(void);

// Bytes that pw_alloc and pw_plan_load may have in use together; 0 (the default) sets no limit.
void pw_memory_limit(uint32_t bytes);
// Memory aligned to 64 bytes, or 0 when the limit or the host allows no more.
void *pw_alloc(uint32_t bytes);
// Gives back what pw_alloc returned; 0 is allowed.
void pw_free(void *memory);

// Checks a plan of `bytes` bytes at `data` (aligned to 64) and makes its arena. The plan is read in place: it must stay
// until pw_plan_free. Returns a handle >= 0.
int32_t pw_plan_load(const void *data, uint32_t bytes);
void pw_plan_free(int32_t plan);
int32_t pw_plan_info(int32_t plan, int32_t what, uint32_t index);

// Evaluates 1 to LANES rows. `inputs` holds input after input in the order of the plan, each row-major [rows, size];
// `outputs` receives the outputs likewise.
int32_t pw_forward(int32_t plan, uint32_t rows, const float *inputs, float *outputs);

// Zero-terminated text about the last error; empty if there was none.
const char *pw_last_error(void);

// What the self-test left: PW_OK or an error (1 before it ran), and the output 0, 1, 3, 6, 10, 15, 21, 28.
typedef struct {
  int32_t status;
  float output[8];
} pw_selftest_outcome;

// Loads and runs an embedded plan. Without arguments and result, for hosts that can only call an export and look at the
// memory afterwards.
void pw_selftest(void);
const pw_selftest_outcome *pw_selftest_result(void);

#endif
