import type { WeightedRule } from '@pathwise/model';
import type { OpBuilder } from '../builder.ts';
import { negativePart, positivePart, stabilizedQuotient } from './emit.ts';
import type { WeightedNode } from './weighted-node.ts';

/** Which part of a number a term takes; `low`, `high` and `one` replace inputs, `square` and `one` weights. */
type Part =
  | 'all'
  | 'positive'
  | 'negative'
  | 'enlarge-positive'
  | 'enlarge-negative'
  | 'square'
  | 'one'
  | 'low'
  | 'high';

interface Term {
  readonly sign: 1 | -1;
  readonly input: Part;
  readonly weight: Part;
  /** null: the term has no bias. */
  readonly bias: Part | null;
}

/** Z = sum of its terms; s = R / Z where the gate is open; R_in = scale * sum of sign * input * weight^T s. */
interface Group {
  readonly gate?: 'z > 0' | 'z < 0';
  readonly scale: number;
  readonly terms: readonly Term[];
}

const term = (input: Part, weight: Part, bias: Part | null = null, sign: 1 | -1 = 1): Term => ({
  sign,
  input,
  weight,
  bias,
});

const positiveParts: readonly Term[] = [term('positive', 'positive', 'positive'), term('negative', 'negative')];
const negativeParts: readonly Term[] = [term('positive', 'negative', 'negative'), term('negative', 'positive')];

/**
 * The rules as data. @source Bach et al. 2015, PLoS ONE 10(7) (epsilon, alpha-beta); Montavon et al. 2017,
 * arXiv:1512.02479 (z-plus, box, w2); Montavon et al. 2019, LRP: an overview (gamma), for inputs of any sign
 */
const GROUPS: Readonly<Record<WeightedRule['rule'], (rule: WeightedRule) => readonly Group[]>> = {
  epsilon: () => [{ scale: 1, terms: [term('all', 'all', 'all')] }],
  'z-plus': () => [{ scale: 1, terms: positiveParts }],
  'alpha-beta': ({ alpha = 1 }) => [
    { scale: alpha, terms: positiveParts },
    ...(alpha === 1 ? [] : [{ scale: 1 - alpha, terms: negativeParts }]),
  ],
  gamma: () => [
    {
      gate: 'z > 0',
      scale: 1,
      terms: [term('positive', 'enlarge-positive', 'enlarge-positive'), term('negative', 'enlarge-negative')],
    },
    {
      gate: 'z < 0',
      scale: 1,
      terms: [term('positive', 'enlarge-negative', 'enlarge-negative'), term('negative', 'enlarge-positive')],
    },
  ],
  box: () => [
    { scale: 1, terms: [term('all', 'all'), term('low', 'positive', null, -1), term('high', 'negative', null, -1)] },
  ],
  w2: () => [{ scale: 1, terms: [term('one', 'square', 'square')] }],
  flat: () => [{ scale: 1, terms: [term('one', 'one')] }],
};

/** What is known of a weighted node beyond the graph. */
export interface WeightedHints {
  /** x has no negative elements: their terms fall away. */
  readonly nonNegative: boolean;
}

/** Emits the relevance of the active factor of a weighted node from that of its output. */
export function weightedRelevance(
  b: OpBuilder,
  weighted: WeightedNode,
  rule: WeightedRule,
  relevance: string,
  { nonNegative }: WeightedHints,
): string {
  const { x, output } = weighted;
  const shape = b.shape(x);
  const part = (of: Part, value: string): string => {
    switch (of) {
      case 'positive':
        return value === x && nonNegative ? x : positivePart(b, value);
      case 'negative':
        return negativePart(b, value);
      case 'enlarge-positive':
        return b.add(value, b.mul(positivePart(b, value), rule.gamma ?? 0));
      case 'enlarge-negative':
        return b.add(value, b.mul(negativePart(b, value), rule.gamma ?? 0));
      case 'square':
        return b.mul(value, value);
      case 'one':
        return b.expand(b.scalar(1, b.type(value).dtype), b.shape(value));
      case 'low':
        return bound(b, rule.low, x);
      case 'high':
        return bound(b, rule.high, x);
      default:
        return value;
    }
  };
  const parts: string[] = [];
  for (const { gate, scale, terms } of GROUPS[rule.rule](rule)) {
    const used = terms.flatMap(({ sign, input, weight, bias }) => {
      if (input === 'negative' && nonNegative) return [];
      const [from, w] = [part(input, x), part(weight, weighted.weight(b))];
      const own = rule.bias === 'ignore' || bias === null ? null : weighted.bias(b);
      return [{ sign, from, w, bias: own === null || bias === null ? null : part(bias, own) }];
    });
    // The output of the node is Z itself where nothing is changed.
    const isWhole = rule.rule === 'epsilon' && rule.bias !== 'ignore';
    const z = isWhole
      ? output
      : used
          .map(({ sign, from, w, bias }) => signed(b, sign, weighted.apply(b, from, w, bias)))
          .reduce((sum, own) => b.add(sum, own));
    let s = stabilizedQuotient(b, relevance, z, stabilizerOf(b, rule, z));
    if (gate !== undefined) s = b.mask(gate === 'z > 0' ? b.greater(output, 0) : b.less(output, 0), s);
    for (const { sign, from, w } of used) {
      const shared = signed(b, sign, b.mul(from, weighted.pull(b, x, w, s)));
      parts.push(scale === 1 ? shared : b.mul(shared, scale));
    }
  }
  return b.reshape(
    parts.reduce((sum, own) => b.add(sum, own)),
    shape,
  );
}

function signed(b: OpBuilder, sign: 1 | -1, x: string): string {
  return sign === 1 ? x : b.neg(x);
}

/** One number, or one a channel (axis 1), seen as of the shape of x. */
function bound(b: OpBuilder, values: readonly number[] = [0], x: string): string {
  const { dtype, shape } = b.type(x);
  const view = values.length === 1 ? [] : shape.map((_, axis) => (axis === 1 ? values.length : 1));
  return b.expand(b.constant({ dtype, shape: view, data: Float64Array.from(values) }), shape);
}

function stabilizerOf(b: OpBuilder, { stabilizer, stabilizerScale }: WeightedRule, z: string): number | string {
  if (stabilizerScale !== 'rms' || stabilizer === 0) return stabilizer;
  const axes = b.shape(z).map((_, axis) => axis);
  return b.mul(b.sqrt(b.reduceMean(b.mul(z, z), axes)), stabilizer);
}
