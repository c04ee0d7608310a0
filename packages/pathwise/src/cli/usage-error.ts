import { PathwiseError } from '@pathwise/model';

/** Wrong usage: exit code 2. */
export function usageError(message: string): PathwiseError {
  return new PathwiseError('BAD_ARGUMENT', message);
}

/** `<option>: expected <expected>, got "<got>"` */
export function optionError(option: string, expected: string, got: string): PathwiseError {
  return usageError(`${option}: expected ${expected}, got "${got}"`);
}
