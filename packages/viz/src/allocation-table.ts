import type { Allocation } from '@pathwise/model';
import { formatPercent } from './format-number.ts';
import type { DataTable } from './picture.ts';

/** How methods allot effects: one line each, and which of the principles hold. */
export function allocationTable(measured: readonly Allocation[]): DataTable {
  return {
    caption: 'How methods share out what features do alone and together',
    columns: ['Method', 'Copies', 'Unrelated', 'No unrelated allocation', 'Incomplete', 'Complete allocation', 'Gap'],
    rows: measured.map(({ method, copies, unrelated, incomplete, gap, verdict }) => [
      method,
      String(copies),
      formatPercent(unrelated),
      verdict.related ? 'held' : 'violated',
      formatPercent(incomplete),
      verdict.complete ? 'held' : 'violated',
      gap === null ? 'unknown' : formatPercent(gap),
    ]),
  };
}
