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
typedef uint32_t bit_lanes __attribute__((vector_size(4 * LANES)));
typedef float lanes_at __attribute__((vector_size(4 * LANES), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))
#define NOINLINE __attribute__((noinline))

INLINE lanes load(const float *p) { return *(const lanes_at *)p; }
INLINE void store(float *p, lanes v) { *(lanes_at *)p = v; }
INLINE lanes splat(float x) { return (lanes){x, x, x, x, x, x, x, x}; }
INLINE lanes select(mask m, lanes a, lanes b) { return (lanes)((m & (mask)a) | (~m & (mask)b)); }
// 1 where the mask is set, 0 elsewhere.
INLINE lanes truth(mask m) { return (lanes)(m & (mask)splat(1.0f)); }

// Half of the lanes: what one register holds. Masks that are combined are computed on halves, since LLVM 22 packs those
// of eight lanes into 16 bits each, lane by lane.
typedef float quad __attribute__((vector_size(16)));
typedef int32_t quad_mask __attribute__((vector_size(16)));
typedef float quad_at __attribute__((vector_size(16), aligned(4), may_alias));

INLINE quad load_quad(const float *p) { return *(const quad_at *)p; }
INLINE void store_quad(float *p, quad v) { *(quad_at *)p = v; }
INLINE quad low_half(lanes x) { return __builtin_shufflevector(x, x, 0, 1, 2, 3); }
INLINE quad high_half(lanes x) { return __builtin_shufflevector(x, x, 4, 5, 6, 7); }
INLINE lanes joined(quad low, quad high) { return __builtin_shufflevector(low, high, 0, 1, 2, 3, 4, 5, 6, 7); }
INLINE quad splat_quad(float x) { return (quad){x, x, x, x}; }

// x, or the bound where x lies beyond it; not a number stays.
INLINE lanes at_least(lanes x, lanes bound) {
#ifdef __wasm_simd128__
  return joined(__builtin_wasm_pmax_f32x4(low_half(x), low_half(bound)), __builtin_wasm_pmax_f32x4(high_half(x), high_half(bound)));
#else
  return select(x < bound, bound, x);
#endif
}
INLINE lanes at_most(lanes x, lanes bound) {
#ifdef __wasm_simd128__
  return joined(__builtin_wasm_pmin_f32x4(low_half(x), low_half(bound)), __builtin_wasm_pmin_f32x4(high_half(x), high_half(bound)));
#else
  return select(x > bound, bound, x);
#endif
}

// a * b + c. In the relaxed build the host may round once instead of twice: faster, but not the same bits everywhere.
INLINE quad multiply_add_quad(quad a, quad b, quad c) {
#ifdef __wasm_relaxed_simd__
  return __builtin_wasm_relaxed_madd_f32x4(a, b, c);
#else
  return c + a * b;
#endif
}
INLINE lanes multiply_add(lanes a, lanes b, lanes c) {
#ifdef __wasm_relaxed_simd__
  return joined(multiply_add_quad(low_half(a), low_half(b), low_half(c)), multiply_add_quad(high_half(a), high_half(b), high_half(c)));
#else
  return c + a * b;
#endif
}
