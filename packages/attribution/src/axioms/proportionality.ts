import { randomUniform, streams } from '@pathwise/model';
import { judge, notApplicable, type Finding, type Trial } from './axiom.ts';
import { largestOf } from './features.ts';
import type { Front } from './front-model.ts';
import type { Subject } from './subject.ts';

const PARTS = 6;

/** If F depends on the sum of the features only and x' = 0, attributions are proportional to the features: F(x' + (x - x') sum of z). */
export async function checkProportionality(subject: Subject, trials: number, seed: number): Promise<Finding> {
  if (!subject.aboutInputs) return notApplicable('a statement about features of the input');
  if (subject.hasSet) return notApplicable('stated for one baseline, not for a set');
  const found: Trial[] = [];
  for (let sample = 0; sample < trials; sample++) {
    const row = sample % subject.places.length;
    const { x, from } = subject.places[row];
    const drawn = Float64Array.from(
      { length: PARTS },
      (_, element) => 0.1 + randomUniform(seed, streams.alpha, { sample, element }),
    );
    const total = drawn.reduce((a, b) => a + b, 0);
    const z = drawn.map((value) => value / total);
    const delta = x.map((value, i) => value - from[i]);
    const front: Front = {
      apply: (parts) => {
        const sum = parts.reduce((a, b) => a + b, 0);
        return from.map((start, i) => start + delta[i] * sum);
      },
      transpose: (g) => new Float64Array(PARTS).fill(g.reduce((sum, value, i) => sum + value * delta[i], 0)),
    };
    const vector = await subject.attributeFronts(row, [front], z, [new Float64Array(PARTS)]);
    const ratios = vector.map((value, i) => value / z[i]);
    const middle = ratios.reduce((a, b) => a + b, 0) / PARTS;
    const deviations = ratios.map((value) => Math.abs(value - middle));
    const deviation = largestOf(deviations);
    found.push({ row, feature: deviations.indexOf(deviation), deviation, scale: largestOf(ratios) });
  }
  return judge(found, subject.rounding, 'six features of which only the sum counts');
}
