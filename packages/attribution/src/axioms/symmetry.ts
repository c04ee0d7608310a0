import { randomPick, streams } from '@pathwise/model';
import { judge, notApplicable, type Finding, type Trial } from './axiom.ts';
import { largestOf, rank } from './features.ts';
import type { Front } from './front-model.ts';
import type { Subject } from './subject.ts';

/**
 * Features that enter symmetrically and have equal values get equal attributions: of the symmetrised function
 * (F(x) + F(x with i and j exchanged)) / 2, with x_j := x_i and x'_j := x'_i.
 */
export async function checkSymmetry(subject: Subject, trials: number, seed: number): Promise<Finding> {
  if (!subject.aboutInputs) return notApplicable('a statement about features of the input');
  const { vectors } = await subject.attributeAt(subject.places, 'fixed');
  const found: Trial[] = [];
  for (let trial = 0; trial < trials; trial++) {
    const row = trial % subject.places.length;
    const order = rank(vectors[row]);
    if (order.length < 2) return notApplicable('one feature has no other to be symmetric with');
    const pick = (sample: number): number =>
      randomPick(seed, streams.pick, order.length, { sample: 2 * trial + sample });
    const i = order[trial === 0 ? 0 : pick(0)];
    const j = trial === 0 ? order[1] : order[pick(1)];
    if (i === j) continue;
    const same = (v: Float64Array): Float64Array => v.map((value, k) => (k === j ? v[i] : value));
    const { x, set } = subject.places[row];
    const swap = exchange(i, j);
    // A set must be exchangeable in i and j: each baseline comes with its mirror image.
    const baselines = set.length === 1 ? set.map(same) : [...set, ...set.map((b) => swap.apply(b))];
    const vector = await subject.attributeFronts(row, [identity, swap], same(x), baselines);
    found.push({ row, feature: i, deviation: Math.abs(vector[i] - vector[j]), scale: largestOf(vector) });
  }
  return judge(found, subject.rounding, 'pairs of features of the symmetrised function');
}

const identity: Front = { apply: (z) => z, transpose: (g) => g };

function exchange(i: number, j: number): Front {
  const swap = (v: Float64Array): Float64Array => v.map((value, k) => (k === i ? v[j] : k === j ? v[i] : value));
  return { apply: swap, transpose: swap };
}
