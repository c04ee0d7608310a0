import { PathwiseError } from '@pathwise/model';
import type { CommandIO } from './io.ts';

/** Writes an error to stderr: one paragraph with its code, or with `json` one object on a line. */
export function reportError(error: unknown, { stderr }: CommandIO, json: boolean): void {
  if (error instanceof PathwiseError) {
    const { code, message, place } = error;
    stderr.write(
      json ? `${JSON.stringify({ error: { code, message, place } })}\n` : `pathwise: ${message} [${code}]\n`,
    );
    return;
  }
  const message = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error ? error.stack : undefined;
  if (json) stderr.write(`${JSON.stringify({ error: { code: 'INTERNAL', message, place: {} } })}\n`);
  else {
    stderr.write(`pathwise: internal error: ${message}. This is a fault of Pathwise; please report it [INTERNAL]\n`);
    if (stack !== undefined) stderr.write(`${stack}\n`);
  }
}
