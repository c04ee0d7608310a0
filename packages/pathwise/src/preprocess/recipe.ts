import { argumentError, fileError } from '@pathwise/model';

export type ResizeMode = 'stretch' | 'crop';
export type ImageLayout = 'nchw' | 'nhwc';
export type ChannelOrder = 'rgb' | 'bgr' | 'gray';

/**
 * How pixels become a model's input: y = (x * scale - mean) / std per channel in the order of `channels`, x from 0
 * to 255. What is absent is taken from the model's input shape.
 */
export interface Preprocessing {
  readonly width?: number;
  readonly height?: number;
  /** `stretch` (default) ignores the proportions; `crop` takes the largest centred part of the right proportions. */
  readonly resize?: ResizeMode;
  readonly layout?: ImageLayout;
  /** Default: rgb for three channels, gray for one. */
  readonly channels?: ChannelOrder;
  /** Default 1. */
  readonly scale?: number;
  /** One value, or one a channel; default 0. */
  readonly mean?: readonly number[];
  /** One value, or one a channel; default 1. */
  readonly std?: readonly number[];
}

/** Preprocessings in common use. */
export const NAMED_PREPROCESSINGS: Readonly<Record<'imagenet' | 'unit' | 'signed' | 'raw', Preprocessing>> = {
  imagenet: { scale: 1 / 255, mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
  unit: { scale: 1 / 255 },
  signed: { scale: 1 / 127.5, mean: [1] },
  raw: {},
};

export type PreprocessingName = keyof typeof NAMED_PREPROCESSINGS;

const CHOICES: Readonly<Record<string, readonly string[]>> = {
  resize: ['stretch', 'crop'],
  layout: ['nchw', 'nhwc'],
  channels: ['rgb', 'bgr', 'gray'],
};

/**
 * A name or a recipe as a checked recipe.
 * @throws PathwiseError BAD_ARGUMENT
 */
export function resolvePreprocessing(given: PreprocessingName | Preprocessing): Preprocessing {
  if (typeof given === 'string') {
    if (!Object.hasOwn(NAMED_PREPROCESSINGS, given)) {
      throw argumentError('preprocess', 'the name', Object.keys(NAMED_PREPROCESSINGS).join(', '), given);
    }
    return NAMED_PREPROCESSINGS[given];
  }
  return checkPreprocessing(given, (name, expected, got) => argumentError('preprocess', name, expected, got));
}

/**
 * A recipe from the value of a JSON file.
 * @throws PathwiseError BAD_FILE
 */
export function preprocessingOfJson(value: unknown, file: string): Preprocessing {
  return checkPreprocessing(value, (name, expected, got) =>
    fileError(file, `preprocessing: expected ${expected} for ${name}, got ${JSON.stringify(got) ?? 'nothing'}`),
  );
}

function checkPreprocessing(
  value: unknown,
  fail: (name: string, expected: string, got: unknown) => Error,
): Preprocessing {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw fail('the recipe', 'an object', value);
  for (const [key, entry] of Object.entries(value)) {
    const expected = expectation(key);
    if (expected === null) {
      throw fail('a key', 'width, height, resize, layout, channels, scale, mean or std', key);
    }
    if (!expected.holds(entry)) throw fail(`"${key}"`, expected.words, entry);
  }
  return value;
}

interface Expectation {
  readonly words: string;
  holds(value: unknown): boolean;
}

function expectation(key: string): Expectation | null {
  const choices = CHOICES[key];
  if (choices !== undefined && Object.hasOwn(CHOICES, key)) {
    return { words: choices.join(' or '), holds: (value) => choices.includes(String(value)) };
  }
  switch (key) {
    case 'width':
    case 'height':
      return {
        words: 'a whole number from 1 to 65535',
        holds: (value) => Number.isInteger(value) && (value as number) >= 1 && (value as number) <= 65535,
      };
    case 'scale':
      return { words: 'a number other than 0', holds: (value) => isNumber(value) && value !== 0 };
    case 'mean':
      return { words: 'a list of 1 to 3 numbers', holds: (value) => isShortList(value) };
    case 'std':
      return {
        words: 'a list of 1 to 3 numbers other than 0',
        holds: (value) => isShortList(value) && !value.includes(0),
      };
    default:
      return null;
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isShortList(value: unknown): value is number[] {
  return Array.isArray(value) && value.length >= 1 && value.length <= 3 && value.every(isNumber);
}
