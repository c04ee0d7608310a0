import { randomPermutation, streams } from '@pathwise/model';

/**
 * Orders in which units are removed, the first being thought the most important.
 * `region`: what flows through the unit from the region. `margin`: that, less what is positive of what flows from the rest.
 * `conductance`: what flows through it from everywhere. `gradient-x-activation`, `activation`: at the input.
 * `random`: any; `random-active`: any, those that are not 0 at the input first.
 */
export const rankings = [
  'region',
  'margin',
  'conductance',
  'gradient-x-activation',
  'activation',
  'random',
  'random-active',
] as const;

export type Ranking = (typeof rankings)[number];

/** What is known of the units of one row; one number a unit each. */
export interface UnitScores {
  /** What flows through the unit from the region. */
  readonly region: Float64Array;
  readonly conductance: Float64Array;
  readonly gradientTimesActivation: Float64Array;
  readonly activation: Float64Array;
}

/** Is the order drawn, so that several runs make sense? */
export function isRandom(ranking: Ranking): boolean {
  return ranking === 'random' || ranking === 'random-active';
}

/**
 * The units in the order of a ranking. A region whose sum is negative votes against the target: its units are those with
 * the most negative scores.
 *
 * @param run - number of the run of a random ranking; the order is a function of (seed, run)
 */
export function orderOf(ranking: Ranking, scores: UnitScores, draw: { seed: number; run: number }): number[] {
  const count = scores.region.length;
  if (isRandom(ranking)) {
    const order = randomPermutation(draw.seed, streams.pick, count, { sample: draw.run });
    if (ranking === 'random') return order;
    const isActive = (unit: number): boolean => scores.activation[unit] !== 0;
    return [...order.filter(isActive), ...order.filter((unit) => !isActive(unit))];
  }
  const values = valuesOf(ranking, scores);
  return Array.from({ length: count }, (_, unit) => unit).sort((a, b) => values[b] - values[a] || a - b);
}

function valuesOf(ranking: Ranking, { region, conductance, ...at }: UnitScores): Float64Array {
  const sign = region.reduce((sum, value) => sum + value, 0) < 0 ? -1 : 1;
  switch (ranking) {
    case 'region':
      return region.map((value) => sign * value);
    case 'margin':
      return region.map((value, unit) => sign * value - Math.max(0, sign * (conductance[unit] - value)));
    case 'conductance':
      return conductance;
    case 'gradient-x-activation':
      return at.gradientTimesActivation;
    default:
      return at.activation;
  }
}
