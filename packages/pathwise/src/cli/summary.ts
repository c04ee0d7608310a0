import type { Attribution } from '@pathwise/model';
import type { RankedClass } from '../prediction.ts';
import { formatPercent } from './progress.ts';

/** What of a run is shown besides the attribution. */
export interface SummaryFacts {
  readonly labels: readonly string[] | undefined;
  /** Names of the model's outputs: labels name their elements, not those of layers. */
  readonly outputs: readonly string[];
  readonly prediction: readonly (readonly RankedClass[])[] | null;
  readonly files: readonly string[];
  readonly seconds: number;
}

const SHOWN_ROWS = 10;

/** The result in words, for people. */
export function summarize(attribution: Attribution, facts: SummaryFacts): string {
  const { prediction, files, seconds } = facts;
  const rows = attribution.outputAtInput.length;
  const lines: string[] = [];
  for (let row = 0; row < Math.min(rows, SHOWN_ROWS); row++) {
    if (rows > 1) lines.push(`row ${row}`);
    lines.push(...rowLines(attribution, row, facts, prediction?.[row]).map((line) => (rows > 1 ? `  ${line}` : line)));
  }
  if (rows > SHOWN_ROWS) lines.push(`… and ${rows - SHOWN_ROWS} more rows`);
  const { forward, gradient } = attribution.evaluations;
  lines.push(
    `method       ${attribution.method} on the ${attribution.engine} engine`,
    `evaluations  ${gradient} gradients, ${forward} forwards in ${formatNumber(seconds)} s`,
    ...attribution.warnings.map(({ code, message }) => `warning      ${message} [${code}]`),
    ...files.map((file) => `wrote        ${file}`),
  );
  return `${lines.join('\n')}\n`;
}

function rowLines(
  attribution: Attribution,
  row: number,
  facts: SummaryFacts,
  top: readonly RankedClass[] | undefined,
): string[] {
  const lines: string[] = [];
  if (top !== undefined && top.length > 0) {
    lines.push(`prediction   ${top.slice(0, 3).map(classText).join(', ')}`);
  }
  lines.push(`target       ${targetText(attribution.target[row] ?? '', facts)}`);
  const atInput = attribution.outputAtInput[row];
  if (atInput !== undefined) lines.push(`F(x)         ${formatNumber(atInput)}`);
  const atBaseline = attribution.outputAtBaseline?.[row];
  if (atBaseline !== undefined) lines.push(`F(x')        ${formatNumber(atBaseline)}`);
  const delta = attribution.convergenceDelta?.[row];
  if (delta !== undefined) {
    const relative = attribution.relativeDelta?.[row];
    const share = relative === null || relative === undefined ? '' : ` (${formatPercent(relative)} of F(x) - F(x'))`;
    lines.push(`delta        ${formatNumber(delta)}${share}`);
  }
  lines.push(...interactionLines(attribution, row), ...allocationLines(attribution, row));
  const error = attribution.error?.[row];
  if (error !== undefined) {
    const missed = attribution.errorMet?.[row] === false ? ', the tolerance was NOT met' : '';
    lines.push(`error        ${formatPercent(error)} stated${missed}`);
  }
  return lines;
}

const SHOWN_SETS = 5;

/** The strongest sets of features, and what each number of them comes to. Features by their place among the players. */
function interactionLines({ interactions }: Attribution, row: number): string[] {
  const found = interactions?.[row];
  if (found === undefined) return [];
  const { pairs, players } = found;
  const ofPairs = (pairs ?? []).flatMap((value, k) => {
    const [i, j] = [Math.floor(k / players), k % players];
    return i < j ? [{ players: [i, j], value }] : [];
  });
  const strongest = [...ofPairs, ...found.sets].sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
  const listed = strongest.slice(0, SHOWN_SETS).map((set) => `{${set.players.join(',')}} ${formatNumber(set.value)}`);
  const sums = found.orders.map(({ absolute }) => formatNumber(absolute)).join(', ');
  return [`together     ${listed.join(', ')}`, `by size      |${found.index}| of 1, 2, … players: ${sums}`];
}

/** How each measured method allots effects: one line a method. */
function allocationLines({ allocation }: Attribution, row: number): string[] {
  return (allocation?.[row] ?? []).map(({ method, gap, unrelated, incomplete, verdict, copies }, k) => {
    const words = [
      `unrelated ${share(unrelated)} ${verdict.related ? 'held' : 'VIOLATED'}`,
      `incomplete ${share(incomplete)} ${verdict.complete ? 'held' : 'VIOLATED'}`,
      `gap ${gap === null ? 'unknown' : share(gap)}`,
    ];
    return `${k === 0 ? 'allocation' : ''}`.padEnd(13) + `${method} at ${copies} copies: ${words.join(', ')}`;
  });
}

/** Two digits; less than a millionth is rounding. */
function share(value: number): string {
  return Math.abs(value) < 1e-6 ? '0' : String(Number(value.toPrecision(2)));
}

function classText({ index, label, value }: RankedClass): string {
  return `${label === null || label === '' ? `class ${index}` : `${label} (${index})`} ${formatNumber(value)}`;
}

/** `logits[285]` with its label behind it. */
function targetText(target: string, { labels, outputs }: SummaryFacts): string {
  return target.replaceAll(/(\S+)\[(\d+)\]/g, (whole, name: string, index: string) => {
    const label = outputs.includes(name) ? labels?.[Number(index)] : undefined;
    return label === undefined || label === '' ? whole : `${whole} ${label}`;
  });
}

/** Five significant digits, without trailing zeros. */
export function formatNumber(value: number): string {
  return String(Number(value.toPrecision(5)));
}
