// The most that one thread computes when nothing leaves the registers: multiplications and additions of four floats, in
// two forms, since hosts differ in which of them they compile without moves.
typedef float quad __attribute__((vector_size(16)));

#ifdef __wasm_relaxed_simd__
#define MULTIPLY_ADD(a, b, c) __builtin_wasm_relaxed_madd_f32x4(a, b, c)
#else
#define MULTIPLY_ADD(a, b, c) ((a) * (b) + (c))
#endif

#define CHAINS 12
#define ROWS 4
#define COLUMNS 2

static float sum(const quad *values, int count) {
  quad total = values[0];
  for (int i = 1; i < count; i++) total += values[i];
  return total[0] + total[1] + total[2] + total[3];
}

// Independent chains a = a x + y; 2 * 4 * CHAINS operations a turn.
float peak_chains(int turns, float x, float y) {
  quad a[CHAINS], factor = {x, x, x, x}, term = {y, y, y, y};
  for (int i = 0; i < CHAINS; i++) a[i] = term * (float)i;
  for (; turns > 0; turns--)
#pragma GCC unroll 12
    for (int i = 0; i < CHAINS; i++) a[i] = MULTIPLY_ADD(a[i], factor, term);
  return sum(a, CHAINS);
}

// An outer product a[i] b[j] added to c[i][j]; 2 * 4 * ROWS * COLUMNS operations a turn.
float peak_products(int turns, float x, float y) {
  quad a[ROWS], b[COLUMNS], c[ROWS * COLUMNS];
  for (int i = 0; i < ROWS; i++) a[i] = (quad){x, x, x, x} * (float)i;
  for (int j = 0; j < COLUMNS; j++) b[j] = (quad){y, y, y, y} + (float)j;
  for (int i = 0; i < ROWS * COLUMNS; i++) c[i] = a[0];
  for (; turns > 0; turns--) {
    // The compiler must not see that the products stay the same.
    for (int i = 0; i < ROWS; i++) __asm__ volatile("" : "+r"(a[i]));
#pragma GCC unroll 4
    for (int i = 0; i < ROWS; i++)
#pragma GCC unroll 2
      for (int j = 0; j < COLUMNS; j++) c[COLUMNS * i + j] = MULTIPLY_ADD(a[i], b[j], c[COLUMNS * i + j]);
  }
  return sum(c, ROWS * COLUMNS);
}
