// A lane holds one row of the tile; every element of a batched tensor is LANES consecutive floats.
// GCC and Clang vector extensions: one source for wasm SIMD128, scalar wasm and native builds, with the same bits,
// since every operation is IEEE single precision on its own lane (the build forbids contraction to fused multiply-add).
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LANES 8

typedef float lanes __attribute__((vector_size(4 * LANES)));
typedef int32_t mask __attribute__((vector_size(4 * LANES)));
typedef float lanes_at __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

INLINE lanes load(const float *p) { return *(const lanes_at *)p; }
INLINE void store(float *p, lanes v) { *(lanes_at *)p = v; }
INLINE lanes splat(float x) { return (lanes){x, x, x, x, x, x, x, x}; }
INLINE lanes select(mask m, lanes a, lanes b) { return (lanes)((m & (mask)a) | (~m & (mask)b)); }
// 1 where the mask is set, 0 elsewhere.
INLINE lanes truth(mask m) { return (lanes)(m & (mask)splat(1.0f)); }
