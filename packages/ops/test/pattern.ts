import { float64, sizeOf, type Tensor } from '@pathwise/model';

/** A tensor of quarters without structure: element i is ((i * step) mod modulus - floor(modulus / 2)) / 4. */
export function pattern(shape: readonly number[], step = 7, modulus = 11): Tensor {
  return float64(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => (((i * step) % modulus) - Math.floor(modulus / 2)) / 4),
  );
}
