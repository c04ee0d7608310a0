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
  PW_NOT_FINITE = -6,    // F or its gradient at a point of a job is infinite or NaN; pw_job_bad_point says at which
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
// Jobs of a plan end with it.
void pw_plan_free(int32_t plan);
int32_t pw_plan_info(int32_t plan, int32_t what, uint32_t index);

// Evaluates 1 to LANES rows. `inputs` holds input after input in the order of the plan, each row-major [rows, size];
// `outputs` receives the outputs likewise.
int32_t pw_forward(int32_t plan, uint32_t rows, const float *inputs, float *outputs);

// Jobs: F and its gradient at points of straight paths, gamma(alpha) = (1 - alpha) from + alpha to, without leaving the
// core. The plan is that of a gradient: output 0 is the tensor of which F is a weighted sum, input `seed` takes the
// weights, the outputs that follow are gradients; all their elements, row-major and one output after another, are the
// features. Points are computed in tiles of LANES, in the order given, and weighted and summed in float64: 8 consecutive
// points of a path are a block, blocks are added in order. So neither tiles nor slices change a bit of a sum.
//
// A job has LANES slots. A slot holds one path at a time: pw_job_input for every input, then pw_job_begin. With `lists`
// of weights the gradients of each slot's points are summed, once a list, and memory does not grow with their number;
// with none, the gradients of each tile can be read and nothing is summed.
//
//   pw_job_new -> for each path: pw_job_input..., pw_job_begin -> pw_job_points -> pw_job_step until it returns 0
//   -> pw_job_result for each slot and list; more points or paths may follow -> pw_job_free
int32_t pw_job_new(int32_t plan, uint32_t seed, uint32_t lists);
// Elements of a gradient.
int32_t pw_job_features(int32_t job);
// Ends of the slot's path in one input, row-major, copied; `to` is 0 where the input stays. Input `seed` gets the weights.
int32_t pw_job_input(int32_t job, uint32_t slot, uint32_t input, const double *from, const double *to);
// The slot's path begins: all its inputs were given. Sums start at 0.
int32_t pw_job_begin(int32_t job, uint32_t slot);
// The next `count` points: for each its slot and alpha, and its weight in each list ([lists][count]); `values` receives F
// of each. The arrays are read and written until the last step.
int32_t pw_job_points(int32_t job, uint32_t count, const uint32_t *slots, const double *alphas, const double *weights,
                      double *values);
// Evaluates at most `max_points` points (without lists: at most LANES); returns how many are left. On PW_NOT_FINITE
// pw_job_bad_point tells which point, and the sums of its path are lost.
int32_t pw_job_step(int32_t job, uint32_t max_points);
int32_t pw_job_bad_point(int32_t job);
// The weighted sum of one list over the slot's points since it began: as many doubles as a gradient has elements.
int32_t pw_job_result(int32_t job, uint32_t slot, uint32_t list, double *sum);
// The gradients of the last step's points, one after another; 0 for a job with lists. Valid until the next step.
const float *pw_job_vectors(int32_t job);
void pw_job_free(int32_t job);

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
