import type { Buffer, View } from './view.ts';

/** Op codes of the plan format; native/plan.c lists the same. A number is never used again. */
export const STEP = {
  map: 1,
  reduce: 2,
  scan: 3,
  matmul: 4,
  product: 5,
  depthwise: 6,
  maxPool: 7,
  maxPoolGradient: 8,
  gather: 9,
  scatter: 10,
  winograd: 11,
  signBits: 12,
  bitGate: 13,
  filter: 14,
  topK: 15,
  band: 16,
} as const;

/** Functions of the step `map`; native/ops/map.c lists the same. */
export const FUNCTION = {
  copy: 0,
  negate: 1,
  absolute: 2,
  sign: 3,
  reciprocal: 4,
  squareRoot: 5,
  exponential: 6,
  logarithm: 7,
  sigmoid: 8,
  tanh: 9,
  relu: 10,
  not: 11,
  floor: 12,
  ceiling: 13,
  round: 14,
  errorFunction: 15,
  sine: 16,
  cosine: 17,
  tangent: 18,
  arcSine: 19,
  arcCosine: 20,
  arcTangent: 21,
  hyperbolicSine: 22,
  hyperbolicCosine: 23,
  areaSine: 24,
  areaCosine: 25,
  areaTangent: 26,
  softplus: 27,
  isNaN: 28,
  isInfinite: 29,
  affine: 30,
  clamp: 31,
  leaky: 32,
  exponentialLinear: 33,
  add: 64,
  subtract: 65,
  multiply: 66,
  divide: 67,
  power: 68,
  maximum: 69,
  minimum: 70,
  greater: 71,
  less: 72,
  greaterEqual: 73,
  lessEqual: 74,
  equal: 75,
  and: 76,
  or: 77,
  exclusiveOr: 78,
  floorModulo: 79,
  truncatedModulo: 80,
  gateAbove: 81,
  gateBelow: 82,
  choose: 128,
} as const;

export type FunctionName = keyof typeof FUNCTION;

/** Functions of the step `reduce`; native/ops/reduce.c lists the same. */
export const REDUCTION = {
  sum: 0,
  sumOfSquares: 1,
  sumOfMagnitudes: 2,
  product: 3,
  largest: 4,
  smallest: 5,
  firstLargest: 6,
  firstSmallest: 7,
  lastLargest: 8,
  lastSmallest: 9,
} as const;

export type ReductionName = keyof typeof REDUCTION;

/** The place of an element of a buffer: a word that the memory plan fills in. */
export interface Place {
  readonly buffer: Buffer;
  readonly offset: number;
}

/** A parameter that the core reads as float32. */
export interface FloatWord {
  readonly float: number;
}

/** A word of a plan, but for places, which the memory plan fills in. */
export type PlainWord = number | Place | FloatWord;

/** The place and strides of a volume; written out last, since later nodes may change them. */
export interface VolumeWord {
  volume: View;
}

/** Other words that are written out last. */
export interface LateWords {
  words(): PlainWord[];
}

export type Word = PlainWord | VolumeWord | LateWords;

/** What a product or depthwise convolution reads and makes, for those who join such steps to bands. */
export interface Sweep {
  readonly input: VolumeWord;
  readonly output: VolumeWord;
  /** The windows as {@link Step.words} begin with them: native/window.h. */
  readonly window: readonly number[];
}

/** One call of a kernel. */
export interface Step {
  readonly op: number;
  readonly words: readonly Word[];
  readonly reads: Buffer[];
  readonly writes: Buffer[];
  /** Buffers of `reads` whose memory the first of `writes` may take, as each element is read before it is written. */
  readonly reusable: Buffer[];
  readonly sweep?: Sweep;
}

/** The words of a step as they are now. */
export function plainWords({ words }: Pick<Step, 'words'>): PlainWord[] {
  return words.flatMap((word): PlainWord[] => {
    if (typeof word === 'number' || 'float' in word || 'buffer' in word) return [word];
    return 'volume' in word ? volumePlace(word.volume) : word.words();
  });
}

/** Place and strides of a volume [channels, depth, rows, columns]. */
export function volumePlace({ buffer, offset, strides }: View): PlainWord[] {
  if (buffer === null) throw new Error('a volume must lie in the arena');
  return [{ buffer, offset }, ...strides.slice(1)];
}
