import type { RelevanceClass } from '../op.ts';
import type { DiagramVertex } from './diagram.ts';

/** Light fills on which dark text reads well. */
const CLASS_FILLS: Readonly<Record<RelevanceClass, string>> = {
  'weighted-linear': '#c6dbf2',
  'fixed-linear': '#d8e6f3',
  affine: '#e1ecd9',
  bias: '#e1ecd9',
  sum: '#dcead0',
  unary: '#fbdcc0',
  max: '#f8cfc8',
  product: '#e5d5ee',
  softmax: '#f3d3e4',
  normalization: '#d9d4ee',
  shape: '#eeeeee',
  recurrent: '#f7e6ae',
  stop: '#d9d9d9',
};

const PLAIN_FILL = '#f2f2f2';
const END_FILL = '#ffffff';

/** Fill colour of a box. */
export function fillOf({ kind, relevance }: Pick<DiagramVertex, 'kind' | 'relevance'>): string {
  if (kind !== 'node') return END_FILL;
  return relevance === undefined ? PLAIN_FILL : CLASS_FILLS[relevance];
}
