import { PathwiseError } from '@pathwise/model';

/** Exit codes of the command; scripts depend on them. */
export const EXIT = {
  done: 0,
  /** A check failed, or `--strict` and the tolerance was not met. */
  failed: 1,
  usage: 2,
  unsupported: 3,
  badInput: 4,
  computation: 5,
  internal: 70,
  cancelled: 130,
} as const;

/** The exit code of an error. */
export function exitCodeOf(error: unknown): number {
  if (!(error instanceof PathwiseError)) return EXIT.internal;
  switch (error.code) {
    case 'BAD_ARGUMENT':
      // An attribute of a node in a model file is not the user's argument.
      return error.place.file === undefined ? EXIT.usage : EXIT.badInput;
    case 'UNSUPPORTED_OP':
    case 'UNSUPPORTED_METHOD':
    case 'ENGINE_UNAVAILABLE':
      return EXIT.unsupported;
    case 'BAD_FILE':
    case 'BAD_SHAPE':
      return EXIT.badInput;
    case 'LIMIT_EXCEEDED':
      // Of a file, or of a computation that grows beyond its limit.
      return error.place.file === undefined ? EXIT.computation : EXIT.badInput;
    case 'NON_FINITE':
    case 'BUDGET':
      return EXIT.computation;
    case 'CANCELLED':
      return EXIT.cancelled;
    case 'INTERNAL':
      return EXIT.internal;
  }
}
