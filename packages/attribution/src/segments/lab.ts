/** Colours as points whose distances are those that eyes see, one list of three a pixel. */
export function labColours(red: Float64Array, green: Float64Array, blue: Float64Array): Float64Array[] {
  const out = [new Float64Array(red.length), new Float64Array(red.length), new Float64Array(red.length)];
  for (let i = 0; i < red.length; i++) {
    const [r, g, b] = [linear(red[i]), linear(green[i]), linear(blue[i])];
    // sRGB primaries to CIE XYZ, relative to the white point D65.
    const x = compress((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
    const y = compress(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
    const z = compress((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
    out[0][i] = 116 * y - 16;
    out[1][i] = 500 * (x - y);
    out[2][i] = 200 * (y - z);
  }
  return out;
}

/** IEC 61966-2-1: from sRGB in 0 to 1 to light. */
function linear(value: number): number {
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** CIE 1976: the cube root, straight near 0. */
function compress(t: number): number {
  return t > (6 / 29) ** 3 ? Math.cbrt(t) : t / (3 * (6 / 29) ** 2) + 4 / 29;
}
