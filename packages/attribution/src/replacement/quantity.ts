import { argumentError } from '@pathwise/model';
import type { ParamSpec } from '../params.ts';

export const quantities = ['difference', 'log-odds', 'information'] as const;
export type Quantity = (typeof quantities)[number];

export const quantityParams: readonly ParamSpec[] = [
  {
    name: 'quantity',
    type: 'choice',
    default: 'difference',
    choices: quantities,
    doc: 'Difference of the target, of its log2 odds, or of its log2; the last two need a probability.',
  },
  {
    name: 'laplace',
    type: 'integer',
    default: 1000,
    min: 0,
    doc: 'Rows the model was trained on: keeps log-odds and information finite at 0 and 1; 0 for no correction.',
  },
];

/** How a probability is compared with its mean after replacement. */
export interface Comparison {
  readonly quantity: Quantity;
  /** Rows that the model was trained on. */
  readonly trained: number;
  readonly classes: number;
}

/**
 * What the mean output p' after replacement says of the output p: p - p', or of both after (p N + 1) / (N + K) the
 * difference of log2 odds or of log2. `standardError` of p' becomes that of the result by its slope.
 *
 * @source Robnik-Sikonja, Kononenko 2008, Explaining classifications for individual instances, equations 2 to 6
 */
export function compare(
  p: number,
  replaced: number,
  standardError: number,
  { quantity, trained, classes }: Comparison,
): { readonly value: number; readonly standardError: number } {
  if (quantity === 'difference') return { value: p - replaced, standardError };
  const slope = trained === 0 ? 1 : trained / (trained + classes);
  const corrected = (q: number): number => (trained === 0 ? q : (q * trained + 1) / (trained + classes));
  const [a, b] = [corrected(p), corrected(replaced)];
  if (quantity === 'information') {
    return { value: Math.log2(a) - Math.log2(b), standardError: (slope * standardError) / (b * Math.LN2) };
  }
  const odds = (q: number): number => Math.log2(q / (1 - q));
  return { value: odds(a) - odds(b), standardError: (slope * standardError) / (b * (1 - b) * Math.LN2) };
}

/** Rounding of a softmax in float32. */
const ROUNDING = 1e-5;

/** @throws PathwiseError BAD_ARGUMENT for an output that is no probability where one is needed */
export function checkProbability(method: string, { quantity }: Comparison, output: number): number {
  if (quantity === 'difference') return output;
  if (output >= -ROUNDING && output <= 1 + ROUNDING) return Math.min(1, Math.max(0, output));
  const expected = `a target that is a probability for quantity ${quantity}: explain the probability (--of probability), or use quantity difference`;
  throw argumentError(method, 'target', expected, output);
}
