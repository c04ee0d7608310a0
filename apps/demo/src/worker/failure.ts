import { PathwiseError } from 'pathwise';
import type { Failure } from './protocol.ts';

/** An error as plain data. */
export function failureOf(error: unknown): Failure {
  if (error instanceof PathwiseError) {
    const { code, message, place } = error;
    return { code, message, node: place.node ?? null, op: place.op ?? null };
  }
  return { code: 'INTERNAL', message: error instanceof Error ? error.message : String(error), node: null, op: null };
}
