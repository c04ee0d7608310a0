/** A stream of numbers in [0, 1). */
export type Random = () => number;

/**
 * Mulberry32: 32-bit state, full period, the same numbers everywhere.
 * @source Tommy Ettinger, 2017, public domain
 */
export function randomStream(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The seed of one case, from the run's seed, a format and the number of the case. */
export function caseSeed(seed: number, format: string, index: number): number {
  let hash = 0x811c9dc5 ^ seed; // FNV-1a
  for (const c of `${format}:${index}`) hash = Math.imul(hash ^ c.charCodeAt(0), 0x01000193);
  return hash >>> 0;
}

/** No mutation grows a file beyond this. */
const MAX_BYTES = 1 << 20;

type Mutation = (bytes: Uint8Array, random: Random, other: Uint8Array) => Uint8Array;

const below = (random: Random, n: number): number => Math.floor(random() * n);

/** Places near the beginning, where headers are, come up more often. */
const place = (random: Random, length: number): number =>
  Math.min(length - 1, Math.floor(length * random() ** (random() < 0.5 ? 1 : 4)));

const truncate: Mutation = (bytes, random) => bytes.slice(0, below(random, bytes.length));

const flipBits: Mutation = (bytes, random) => {
  const out = bytes.slice();
  for (let k = Math.floor(8 * random() ** 3); k >= 0; k--) {
    const at = place(random, out.length);
    out[at] = (out[at] as number) ^ (1 << below(random, 8));
  }
  return out;
};

const setBytes: Mutation = (bytes, random) => {
  const out = bytes.slice();
  const values = [0, 1, 0x7f, 0x80, 0xff, below(random, 256)];
  for (let k = below(random, 4); k >= 0; k--)
    out[place(random, out.length)] = values[below(random, values.length)] as number;
  return out;
};

/** A number of 1, 2, 4 or 8 bytes becomes huge, negative or zero, in either byte order, or a long varint. */
const oversizeField: Mutation = (bytes, random) => {
  const out = bytes.slice();
  const width = [1, 2, 4, 8][below(random, 4)] as number;
  const at = place(random, out.length);
  const patterns = [
    new Array<number>(width).fill(0xff),
    [...new Array<number>(width - 1).fill(0xff), 0x7f],
    [0x7f, ...new Array<number>(width - 1).fill(0xff)],
    [...new Array<number>(width - 1).fill(0), 0x80],
    [...new Array<number>(width - 1).fill(0), 0x40],
    new Array<number>(width).fill(0),
    [...new Array<number>(width - 1).fill(0x80 | below(random, 128)), 0x01],
  ];
  for (const [k, value] of (patterns[below(random, patterns.length)] as number[]).entries())
    if (at + k < out.length) out[at + k] = value;
  return out;
};

const splice: Mutation = (bytes, random, other) => {
  const from = below(random, other.length);
  const part = other.subarray(from, from + below(random, other.length - from + 1));
  const at = place(random, bytes.length);
  return concat(
    bytes.subarray(0, at),
    part,
    bytes.subarray(Math.min(bytes.length, at + (random() < 0.5 ? part.length : 0))),
  );
};

const repeat: Mutation = (bytes, random) => {
  const at = place(random, bytes.length);
  const part = bytes.subarray(at, at + 1 + below(random, Math.min(512, bytes.length - at)));
  const copies = Math.min(2 ** below(random, 12), Math.floor((MAX_BYTES - bytes.length) / part.length));
  return concat(bytes.subarray(0, at), ...new Array<Uint8Array>(Math.max(0, copies)).fill(part), bytes.subarray(at));
};

const remove: Mutation = (bytes, random) => {
  const at = place(random, bytes.length);
  return concat(bytes.subarray(0, at), bytes.subarray(at + 1 + below(random, 64)));
};

/** For text inside of files: a number gets many digits, another sign, or none. */
const changeDigits: Mutation = (bytes, random) => {
  const digits = [...bytes.keys()].filter((i) => (bytes[i] as number) >= 0x30 && (bytes[i] as number) <= 0x39);
  if (digits.length === 0) return flipBits(bytes, random, bytes);
  const at = digits[below(random, digits.length)] as number;
  const texts = ['9'.repeat(1 + below(random, 30)), '-1', '', '0', '1e308', '[', ']', '(', '"', '\n', ','];
  return concat(
    bytes.subarray(0, at),
    new TextEncoder().encode(texts[below(random, texts.length)]),
    bytes.subarray(at + 1),
  );
};

/** Changes that keep lengths get further into a reader, so they come up more often. */
const MUTATIONS: readonly Mutation[] = [
  [flipBits, flipBits, flipBits, setBytes, setBytes, setBytes, oversizeField, oversizeField],
  [truncate, splice, repeat, remove, changeDigits, changeDigits],
].flat();

/** One to four mutations of `bytes`, one most often; `other` is what parts are taken from. */
export function mutate(bytes: Uint8Array, other: Uint8Array, random: Random): Uint8Array {
  let out = bytes;
  for (let k = Math.floor(4 * random() ** 3); k >= 0 && out.length > 0; k--) {
    out = (MUTATIONS[below(random, MUTATIONS.length)] as Mutation)(out, random, other).subarray(0, MAX_BYTES);
  }
  return out;
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const out = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
