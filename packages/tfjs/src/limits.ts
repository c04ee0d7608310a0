import { PathwiseError, type ErrorPlace } from '@pathwise/model';

/** Bounds on what a file may ask for. A file above one of them is refused with LIMIT_EXCEEDED before memory is taken. */
export interface TfjsLimits {
  /** Nesting of model.json: models in models, wrappers, arrays of arrays. */
  readonly depth: number;
  /** Bytes of model.json. */
  readonly jsonBytes: number;
  /** Bytes of all weight files together. */
  readonly weightBytes: number;
  /** Nodes of a graph model, or calls of layers, after nested models are inlined and recurrent layers unrolled. */
  readonly nodes: number;
  /** Elements of one tensor. */
  readonly tensorElements: number;
  /** Elements of all constants that are computed while the graph is built, over and above four times the weights. */
  readonly foldedElements: number;
}

export const defaultLimits: TfjsLimits = {
  depth: 64,
  jsonBytes: 2 ** 28,
  weightBytes: 2 ** 32,
  nodes: 200_000,
  tensorElements: 2 ** 30,
  foldedElements: 2 ** 23,
};

/** The error for what is above a limit; the message names the option to raise. */
export function limitError(limit: keyof TfjsLimits, what: string, most: number, place: ErrorPlace = {}): PathwiseError {
  return new PathwiseError(
    'LIMIT_EXCEEDED',
    `${what}: the limit is ${most}. If the file is to be trusted, raise the option limits.${limit}`,
    place,
  );
}
