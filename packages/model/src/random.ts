/**
 * Random numbers as a pure function of (seed, stream, row key, sample, element, tensor): no state, so nothing depends
 * on batch size, tiles, workers or the order of evaluation. Philox4x32-10; bit-identical on every host.
 *
 * @source Salmon, Moraes, Dror, Shaw 2011, Parallel Random Numbers: As Easy as 1, 2, 3
 */

/** What a draw is for; part of the counter, so that different uses never share numbers. */
export const streams = {
  noise: 1,
  alpha: 2,
  pick: 3,
  uniform: 4,
  gaussian: 5,
  stratum: 6,
  coalition: 7,
  jitter: 8,
} as const;

export type Stream = (typeof streams)[keyof typeof streams];

/** Place of one draw. All default to 0. */
export interface Draw {
  readonly sample?: number;
  /** Flat row-major index inside one row of the tensor. */
  readonly element?: number;
  /** Index of the attributed input. */
  readonly tensor?: number;
  /** 0 for every row, unless rows are to be independent: then the row's index in the whole job. */
  readonly row?: number;
}

type Words = readonly [number, number, number, number];

const MULTIPLIER_0 = 0xd2511f53;
const MULTIPLIER_1 = 0xcd9e8d57;
const WEYL_0 = 0x9e3779b9;
const WEYL_1 = 0xbb67ae85;

/** Philox4x32-10: four 32-bit words from a counter of four words and a key of two. */
export function philox(counter: Words, key: readonly [number, number]): Words {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < 10; round++) {
    const high0 = highWord(MULTIPLIER_0, c0);
    const high1 = highWord(MULTIPLIER_1, c2);
    const low0 = Math.imul(MULTIPLIER_0, c0) >>> 0;
    const low1 = Math.imul(MULTIPLIER_1, c2) >>> 0;
    [c0, c1, c2, c3] = [(high1 ^ c1 ^ k0) >>> 0, low1, (high0 ^ c3 ^ k1) >>> 0, low0];
    k0 = (k0 + WEYL_0) >>> 0;
    k1 = (k1 + WEYL_1) >>> 0;
  }
  return [c0, c1, c2, c3];
}

/** Upper 32 bits of a product of 32-bit words, from 16-bit halves: no partial result exceeds 2^32 - 1. */
function highWord(a: number, b: number): number {
  const [aHigh, aLow] = [a >>> 16, a & 0xffff];
  const [bHigh, bLow] = [b >>> 16, b & 0xffff];
  const w = aHigh * bLow + ((aLow * bLow) >>> 16);
  const v = aLow * bHigh + (w & 0xffff);
  return aHigh * bHigh + (w >>> 16) + (v >>> 16);
}

/** A uniform 32-bit word. `seed` is a non-negative integer, below 2^53 as a number, below 2^64 as a bigint. */
export function randomWord(seed: number | bigint, stream: Stream, draw: Draw = {}): number {
  const { sample = 0, element = 0, tensor = 0, row = 0 } = draw;
  const wide = BigInt(seed);
  const key = [Number(wide & 0xffffffffn), Number((wide >> 32n) & 0xffffffffn)] as const;
  const words = philox([Math.floor(element / 4), sample >>> 0, row >>> 0, (stream + 256 * tensor) >>> 0], key);
  return words[(element % 4) as 0 | 1 | 2 | 3];
}

/** Uniform in (0, 1): (word + 1/2) / 2^32, exact in float64. */
export function randomUniform(seed: number | bigint, stream: Stream, draw?: Draw): number {
  return uniformOf(randomWord(seed, stream, draw));
}

/** Standard normal. */
export function randomNormal(seed: number | bigint, stream: Stream, draw?: Draw): number {
  return normalOf(randomWord(seed, stream, draw));
}

/** An integer from 0 to count - 1; exact for count < 2^21, bias below count / 2^32. */
export function randomPick(seed: number | bigint, stream: Stream, count: number, draw?: Draw): number {
  return Math.floor((randomWord(seed, stream, draw) * count) / 2 ** 32);
}

/** A permutation of 0 .. count - 1: sorted by the word of each element. */
export function randomPermutation(seed: number | bigint, stream: Stream, count: number, draw: Draw = {}): number[] {
  const words = Array.from({ length: count }, (_, element) => randomWord(seed, stream, { ...draw, element }));
  return words.map((_, i) => i).sort((i, j) => (words[i] as number) - (words[j] as number) || i - j);
}

/** The uniform number of a word. */
export function uniformOf(word: number): number {
  return (word + 0.5) / 2 ** 32;
}

// Wichura 1988, Algorithm AS 241 (PPND16), Applied Statistics 37, 477-484; constant term first, rounded to float64.
const CENTRE_NUMERATOR = [
  3.3871328727963665, 133.14166789178438, 1971.5909503065513, 13731.69376550946, 45921.95393154987, 67265.7709270087,
  33430.57558358813, 2509.0809287301227,
];
const CENTRE_DENOMINATOR = [
  1, 42.31333070160091, 687.1870074920579, 5394.196021424751, 21213.794301586597, 39307.89580009271, 28729.085735721943,
  5226.495278852854,
];
const TAIL_NUMERATOR = [
  1.4234371107496835, 4.630337846156546, 5.769497221460691, 3.6478483247632045, 1.2704582524523684, 0.2417807251774506,
  0.022723844989269184, 0.0007745450142783414,
];
const TAIL_DENOMINATOR = [
  1, 2.053191626637759, 1.6763848301838038, 0.6897673349851, 0.14810397642748008, 0.015198666563616457,
  0.0005475938084995345, 1.0507500716444169e-9,
];

/** The standard normal number of a word: inverse normal distribution of its uniform number. */
export function normalOf(word: number): number {
  const u = uniformOf(word);
  const q = u - 0.5;
  if (Math.abs(q) <= 0.425) {
    const r = 0.180625 - q * q;
    return (q * horner(CENTRE_NUMERATOR, r)) / horner(CENTRE_DENOMINATOR, r);
  }
  const r = Math.sqrt(-naturalLogarithm(Math.min(u, 1 - u))) - 1.6;
  const z = horner(TAIL_NUMERATOR, r) / horner(TAIL_DENOMINATOR, r);
  return q < 0 ? -z : z;
}

function horner(coefficients: readonly number[], x: number): number {
  return coefficients.reduceRight((sum, c) => sum * x + c, 0);
}

/** ln u for u > 0, of basic arithmetic only: Math.log differs between hosts. ln u = e ln 2 + 2 artanh((m-1)/(m+1)). */
export function naturalLogarithm(u: number): number {
  let m = u;
  let e = 0;
  for (; m >= Math.SQRT2; e++) m /= 2;
  for (; m < 0.7071067811865476; e--) m *= 2;
  const s = (m - 1) / (m + 1);
  const z = s * s;
  let p = 1 / 23;
  for (let k = 21; k >= 1; k -= 2) p = p * z + 1 / k;
  return e * 0.6931471805599453 + 2 * s * p;
}
