/** Stable codes of {@link PathwiseError}; docs/generated/errors.md lists cause and fix of each. */
export type ErrorCode =
  | 'BAD_ARGUMENT'
  | 'BAD_SHAPE'
  | 'BAD_FILE'
  | 'LIMIT_EXCEEDED'
  | 'UNSUPPORTED_OP'
  | 'UNSUPPORTED_METHOD'
  | 'ENGINE_UNAVAILABLE'
  | 'NON_FINITE'
  | 'BUDGET'
  | 'CANCELLED'
  | 'INTERNAL';

/** Where an error arose; every field that applies is set. */
export interface ErrorPlace {
  readonly file?: string;
  readonly node?: string;
  readonly op?: string;
  readonly tensor?: string;
  /** Byte offset in `file`. */
  readonly offset?: number;
  /** Row of the batch, from 0. */
  readonly row?: number;
  /** Position on the path, 0 to 1. */
  readonly alpha?: number;
}

/**
 * The one error class that the library throws on purpose. `code` is stable; `message` says
 * what is wrong, where, and what to do; `place` holds the same location as data.
 */
export class PathwiseError extends Error {
  readonly code: ErrorCode;
  readonly place: ErrorPlace;

  constructor(code: ErrorCode, message: string, place: ErrorPlace = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'PathwiseError';
    this.code = code;
    this.place = place;
  }
}

/** A bad argument: `<where>: expected <expected> for <name>, got <got>. <advice>` */
export function argumentError(where: string, name: string, expected: string, got: unknown, advice = ''): PathwiseError {
  return new PathwiseError('BAD_ARGUMENT', expectation(where, name, expected, got, advice));
}

/** An ill-shaped tensor: `<where>: expected shape <expected> for <name>, got <got>. <advice>` */
export function shapeError(
  where: string,
  name: string,
  expected: string,
  got: readonly (number | string)[],
  advice = '',
): PathwiseError {
  return new PathwiseError('BAD_SHAPE', expectation(where, name, `shape ${expected}`, `[${got.join(',')}]`, advice), {
    tensor: name,
  });
}

/** A malformed file: `<file>: <problem> at offset <offset>. <advice>` */
export function fileError(file: string, problem: string, place: ErrorPlace = {}, advice = ''): PathwiseError {
  const at = place.offset === undefined ? '' : ` at offset ${place.offset}`;
  return new PathwiseError('BAD_FILE', sentence(`${file}: ${problem}${at}`, advice), { file, ...place });
}

/** Throws CANCELLED when `signal` has been aborted. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw new PathwiseError('CANCELLED', 'cancelled by the caller');
}

function expectation(where: string, name: string, expected: string, got: unknown, advice: string): string {
  return sentence(`${where}: expected ${expected} for ${name}, got ${show(got)}`, advice);
}

function sentence(text: string, advice: string): string {
  return advice === '' ? text : `${text}. ${advice}`;
}

function show(value: unknown): string {
  if (typeof value === 'string') return value.startsWith('[') ? value : `"${value}"`;
  if (Array.isArray(value)) return `[${value.join(',')}]`;
  return String(value);
}
