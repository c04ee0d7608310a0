import { float16ToNumber } from '@pathwise/model';

/** float16 bits widened to float32. */
export function widenFloat16(bits: Uint16Array): Float32Array {
  return Float32Array.from(bits, float16ToNumber);
}

/** bfloat16 bits widened to float32, whose upper half they are. */
export function widenBfloat16(bits: Uint16Array): Float32Array {
  const words = new Uint32Array(bits.length);
  for (let i = 0; i < words.length; i++) words[i] = (bits[i] as number) << 16;
  return new Float32Array(words.buffer);
}
