import type { Params, RelevancePropagation, RuleEntry, WeightedRule } from '@pathwise/model';
import type { ParamSpec } from '../params.ts';
import { composites } from './composites.ts';

type Entries = RelevancePropagation['composite'];

/** Parameters that all methods of layer-wise relevance propagation share. */
export const relevanceParams: readonly ParamSpec[] = [
  {
    name: 'composite',
    type: 'choice',
    default: 'none',
    choices: ['none', ...Object.keys(composites)],
    doc: 'A map from kinds of nodes to rules in place of one rule for all weights.',
  },
  {
    name: 'first',
    type: 'choice',
    default: 'same',
    choices: ['same', 'flat', 'w2', 'box', 'z-plus'],
    doc: 'Rule of the weights next to the input.',
  },
  {
    name: 'low',
    type: 'numbers',
    default: [0],
    fewest: 1,
    doc: 'Lowest values of the input for the box rule: one number, or one a channel.',
  },
  {
    name: 'high',
    type: 'numbers',
    default: [1],
    fewest: 1,
    doc: 'Highest values of the input for the box rule.',
  },
  {
    name: 'bias',
    type: 'choice',
    default: 'absorb',
    choices: ['absorb', 'ignore'],
    doc: 'Biases take their share, or none.',
  },
  {
    name: 'others',
    type: 'choice',
    default: 'rules',
    choices: ['rules', 'gradient'],
    doc: 'Nodes without weights pass relevance by rules of their own, or as a gradient does.',
  },
  {
    name: 'add',
    type: 'choice',
    default: 'epsilon',
    choices: ['epsilon', 'abs'],
    doc: 'Terms of a sum share by their values, or by their magnitudes.',
  },
  {
    name: 'mul',
    type: 'choice',
    default: 'gate-aware',
    choices: ['gate-aware', 'uniform'],
    doc: 'Of two factors a gate gets nothing, or each gets half.',
  },
  {
    name: 'norm',
    type: 'choice',
    default: 'detach',
    choices: ['detach', 'identity'],
    doc: 'A normalization is linear with its statistics held, or passes relevance on.',
  },
  {
    name: 'attention',
    type: 'choice',
    default: 'bilinear',
    choices: ['bilinear', 'value'],
    doc: 'Attention passes relevance to weights and values, or to values only.',
  },
  {
    name: 'start',
    type: 'choice',
    default: 'value',
    choices: ['value', 'one', 'positive'],
    doc: 'Relevance of the output: its value, its weight in the target, or the positive part of the value.',
  },
];

/** The stabilizer of rules that do not have it for their own parameter. */
export const stabilizerParam: ParamSpec = {
  name: 'stabilizer',
  type: 'number',
  default: 1e-6,
  min: 0,
  doc: 'Added to denominators, with their sign.',
};

/** The backward pass that the parameters mean, with one rule on all weights or by a composite. */
export function relevancePropagation(params: Params, rule: WeightedRule): RelevancePropagation {
  const { stabilizer } = rule;
  const own: WeightedRule = { ...rule, bias: params['bias'] as 'absorb' };
  const box = { low: params['low'] as readonly number[], high: params['high'] as readonly number[] };
  const first = params['first'] as string;
  const named = params['composite'] as string;
  const entries: Entries = [
    ...(first === 'same' ? [] : [firstEntry({ ...own, ...box, rule: first as WeightedRule['rule'] })]),
    ...(named === 'none' ? [{ match: WEIGHTED, rule: own }] : (composites[named]?.({ stabilizer, ...box }) ?? [])),
    ...(params['others'] === 'gradient' ? [{ match: {}, rule: { rule: 'gradient' } as RuleEntry }] : []),
  ];
  return {
    kind: 'relevance',
    composite: entries,
    stabilizer,
    start: params['start'] as RelevancePropagation['start'],
    add: params['add'] as RelevancePropagation['add'],
    mul: params['mul'] as RelevancePropagation['mul'],
    norm: params['norm'] as RelevancePropagation['norm'],
    attention: params['attention'] as RelevancePropagation['attention'],
  };
}

const WEIGHTED = { classes: ['weighted-linear'] } as const;

function firstEntry(rule: WeightedRule): Entries[number] {
  return { match: { ...WEIGHTED, first: true }, rule };
}
