import type { Progress } from '@pathwise/model';
import type { TextWriter } from './io.ts';

const BAR = 24;
const INTERVAL_MS = 100;

/** A bar on the terminal's last line; nothing where the stream is no terminal. */
export interface ProgressBar {
  update(progress: Progress): void;
  clear(): void;
}

export function progressBar(stream: TextWriter): ProgressBar {
  if (stream.isTTY !== true) return { update: () => {}, clear: () => {} };
  let last = 0;
  let isShown = false;
  return {
    update({ phase, done, total, error }) {
      const now = Date.now();
      if (now - last < INTERVAL_MS) return;
      last = now;
      isShown = true;
      stream.write(
        `\r\u001B[K${progressLine({ phase, done, total, ...(error !== undefined && { error }) }).slice(0, (stream.columns ?? 80) - 1)}`,
      );
    },
    clear() {
      if (isShown) stream.write('\r\u001B[K');
      isShown = false;
    },
  };
}

/** `integrate  ███████░░░░░░░░░░░░░░░░░  12/40  error 8 %` */
export function progressLine({ phase, done, total, error }: Progress): string {
  const share = total > 0 ? Math.min(1, done / total) : 0;
  const filled = Math.round(share * BAR);
  const bar = '█'.repeat(filled) + '░'.repeat(BAR - filled);
  return `${phase}  ${bar}  ${done}/${total}${error === undefined ? '' : `  error ${formatPercent(error)}`}`;
}

/** Two significant digits; what is far below anything of interest is said to be so. */
export function formatPercent(share: number): string {
  if (share !== 0 && Math.abs(share) < 1e-6) return 'under 0.0001 %';
  return `${Number((100 * share).toPrecision(2))} %`;
}
