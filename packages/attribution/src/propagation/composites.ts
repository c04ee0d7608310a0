import type { RelevancePropagation, WeightedRule } from '@pathwise/model';

type Entries = RelevancePropagation['composite'];

/** What a composite leaves open. */
export interface CompositeOptions {
  readonly stabilizer: number;
  readonly low: readonly number[];
  readonly high: readonly number[];
}

const CONVOLUTIONS = { ops: ['Conv', 'ConvTranspose'] } as const;
const DENSE = { ops: ['Gemm', 'MatMul'] } as const;
const FIRST = { classes: ['weighted-linear'], first: true } as const;

/** Activations pass, sums share by values, batch normalizations that could not be merged pass. */
const base = (stabilizer: number): Entries => [
  { match: { classes: ['unary'] }, rule: { rule: 'pass' } },
  { match: { classes: ['sum', 'fixed-linear'] }, rule: { rule: 'epsilon', stabilizer } },
  { match: { ops: ['BatchNormalization'] }, rule: { rule: 'pass' } },
];

const epsilonWith = (convolution: WeightedRule): Entries => [
  { match: CONVOLUTIONS, rule: convolution },
  { match: DENSE, rule: { rule: 'epsilon', stabilizer: convolution.stabilizer } },
  ...base(convolution.stabilizer),
];

const epsilonPlus = (stabilizer: number): Entries => epsilonWith({ rule: 'z-plus', stabilizer });
const epsilonAlpha2Beta1 = (stabilizer: number): Entries => epsilonWith({ rule: 'alpha-beta', stabilizer, alpha: 2 });
const flatFirst = (stabilizer: number): Entries[number] => ({ match: FIRST, rule: { rule: 'flat', stabilizer } });

/**
 * Maps from kinds of nodes to rules, as Zennit calls them.
 *
 * @source Kohlbrenner et al. 2020, arXiv:1910.09840 (epsilon with alpha-beta or z-plus by kind of layer); Anders,
 *   Neumann, Samek, Mueller, Lapuschkin 2021, arXiv:2106.13200 (Zennit: the names); Zhang et al. 2016, arXiv:1608.00507
 *   (excitation backprop)
 */
export const composites: Readonly<Record<string, (options: CompositeOptions) => Entries>> = {
  'epsilon-plus': ({ stabilizer }) => epsilonPlus(stabilizer),
  'epsilon-alpha2-beta1': ({ stabilizer }) => epsilonAlpha2Beta1(stabilizer),
  'epsilon-plus-flat': ({ stabilizer }) => [flatFirst(stabilizer), ...epsilonPlus(stabilizer)],
  'epsilon-alpha2-beta1-flat': ({ stabilizer }) => [flatFirst(stabilizer), ...epsilonAlpha2Beta1(stabilizer)],
  'epsilon-gamma-box': ({ stabilizer, low, high }) => [
    { match: { ops: ['Conv'], first: true }, rule: { rule: 'box', stabilizer, low, high } },
    ...epsilonWith({ rule: 'gamma', stabilizer, gamma: 0.25 }),
  ],
  'excitation-backprop': ({ stabilizer }) => [
    { match: { classes: ['weighted-linear'] }, rule: { rule: 'z-plus', stabilizer } },
    { match: { classes: ['sum', 'fixed-linear'] }, rule: { rule: 'epsilon', stabilizer } },
  ],
};
