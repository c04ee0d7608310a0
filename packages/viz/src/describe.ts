import { toFloat64, rowsOf, type Attribution } from '@pathwise/model';
import { formatNumber, formatPercent, formatSigned } from './format-number.ts';
import type { Heading } from './picture.ts';

/** The explained output of a row, with class names where there are labels: `Egyptian cat (logits[285])`. */
export function targetName(attribution: Attribution, row: number, labels?: readonly string[]): string {
  const target = attribution.target[row] ?? attribution.target[0] ?? 'the output';
  if (labels === undefined) return target;
  const terms = [...target.matchAll(/\[(\d+)\]/gu)].map((m) => labels[Number(m[1])]);
  if (terms.length === 0 || terms.some((t) => t === undefined || t === '')) return target;
  return `${terms.join(' − ')} (${target})`;
}

/** What a number of the attribution is: `contribution to logits[3]`. */
export function unitName(attribution: Attribution, row: number): string {
  const target = attribution.target[row] ?? attribution.target[0] ?? 'the output';
  return attribution.unit === 'contribution' ? `contribution to ${target}` : `${target} per unit of input`;
}

/** Sum of the attributions of a row over all attributed tensors; each group of features counts once. */
export function sumOf(attribution: Attribution, row: number): number {
  const players = attribution.perPlayer?.[row];
  if (players !== undefined) return players.reduce((a, b) => a + b, 0);
  let sum = 0;
  for (const t of Object.values(attribution.attributions)) {
    for (const v of toFloat64(rowsOf(t, row, row + 1).data)) sum += v;
  }
  return sum;
}

/** How far a row can be trusted: exact, good, or check with the reasons; `stated` where nothing is known. */
export interface Verdict {
  readonly word: 'exact' | 'good' | 'check' | 'stated';
  readonly reasons: readonly string[];
}

/** Above this relative delta a result needs a look. */
const DELTA_TO_CHECK = 0.05;

export function verdictOf(attribution: Attribution, row: number): Verdict {
  const reasons: string[] = [];
  const relative = attribution.relativeDelta?.[row];
  const delta = attribution.convergenceDelta?.[row];
  if (attribution.errorMet?.[row] === false) reasons.push('the tolerance was not met');
  if (attribution.complete === false) reasons.push('the layer is no cut, so the sum need not be F(x) − F(x′)');
  else if (typeof relative === 'number' && Math.abs(relative) > DELTA_TO_CHECK) {
    reasons.push(`the sum misses F(x) − F(x′) by ${formatPercent(Math.abs(relative))}`);
  } else if (relative === null && typeof delta === 'number' && delta !== 0) {
    reasons.push('F(x) = F(x′), so the delta has no relative size');
  }
  if (reasons.length > 0) return { word: 'check', reasons };
  if (attribution.exact === true) return { word: 'exact', reasons };
  return { word: typeof delta === 'number' || attribution.errorMet?.[row] === true ? 'good' : 'stated', reasons };
}

/** The sentence that says whether the attributions add up; null for methods whose sum means nothing. */
export function sumSentence(attribution: Attribution, row: number): string | null {
  const delta = attribution.convergenceDelta?.[row];
  const input = attribution.outputAtInput[row];
  if (typeof delta !== 'number' || input === undefined) return null;
  const baseline = attribution.outputAtBaseline?.[row];
  const change = baseline === undefined ? input : input - baseline;
  const name = baseline === undefined ? 'F(x)' : 'F(x) − F(x′)';
  const relative = attribution.relativeDelta?.[row];
  const size = typeof relative === 'number' ? formatPercent(Math.abs(relative)) : formatSigned(delta);
  return `Σ ${formatNumber(sumOf(attribution, row), 4)}, ${name} ${formatNumber(change, 4)}, Δ ${size}`;
}

/** Evaluations in words: `64 gradients`, `3 forward passes`. */
export function evaluationsName({ evaluations }: Attribution): string {
  const { forward, gradient } = evaluations;
  const parts = [plural(gradient, 'gradient', 'gradients'), plural(forward, 'forward pass', 'forward passes')];
  return parts.filter((_, i) => [gradient, forward][i] !== 0).join(' and ') || 'no evaluations';
}

/** Title and summary of a row. */
export function headingOf(
  attribution: Attribution,
  row: number,
  { labels, title }: { readonly labels?: readonly string[]; readonly title?: string } = {},
): Heading {
  const rows = attribution.outputAtInput.length;
  const sentence =
    sumSentence(attribution, row) ?? `F(x) ${formatNumber(attribution.outputAtInput[row] ?? Number.NaN, 4)}`;
  return {
    title: title ?? targetName(attribution, row, labels),
    subtitle: `${attribution.method}${rows > 1 ? `, row ${row}` : ''} · ${sentence}`,
  };
}

/** Beginning of every alternative text: method, target, and whether it adds up. */
export function altBeginning(attribution: Attribution, row: number, labels?: readonly string[]): string {
  const sentence = sumSentence(attribution, row);
  return `${attribution.method} for ${targetName(attribution, row, labels)}${sentence === null ? '' : `; ${sentence}`}.`;
}

export function plural(count: number, one: string, many: string): string {
  return `${count.toLocaleString('en')} ${count === 1 ? one : many}`;
}
