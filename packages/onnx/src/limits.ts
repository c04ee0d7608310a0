import { PathwiseError, type ErrorPlace } from '@pathwise/model';

/** Bounds on what a file may ask for. A file above one of them is refused with LIMIT_EXCEEDED before memory is taken. */
export interface OnnxLimits {
  /** Nesting of messages: sub-graphs, functions that call functions, types of types. */
  readonly depth: number;
  /** Messages in the file (nodes, attributes, tensors, dimensions ...). */
  readonly messages: number;
  /** Numbers and strings in lists of the file, tensor data not counted. */
  readonly listElements: number;
  /** Nodes of one graph after functions and branches are inlined and loops unrolled. */
  readonly nodes: number;
  /** Iterations of one Loop or Scan. */
  readonly iterations: number;
  /** Elements of one tensor. */
  readonly tensorElements: number;
  /**
   * Elements of all constants that are computed while the graph is built, over and above four times the size of the
   * file in bytes.
   */
  readonly foldedElements: number;
}

export const defaultLimits: OnnxLimits = {
  depth: 64,
  messages: 4_000_000,
  listElements: 8_000_000,
  nodes: 200_000,
  iterations: 2_000,
  tensorElements: 2 ** 30,
  foldedElements: 2 ** 23,
};

/** The error for what is above a limit; the message names the option to raise. */
export function limitError(limit: keyof OnnxLimits, what: string, most: number, place: ErrorPlace = {}): PathwiseError {
  return new PathwiseError(
    'LIMIT_EXCEEDED',
    `${what}: the limit is ${most}. If the file is to be trusted, raise the option limits.${limit}`,
    place,
  );
}
