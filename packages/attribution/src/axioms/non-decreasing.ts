import { randomUniform, streams } from '@pathwise/model';
import { judge, notApplicable, type Finding, type Trial } from './axiom.ts';
import { largestOf } from './features.ts';
import type { Subject } from './subject.ts';

/**
 * Gradients looked at for a bound of each slope: half of them on the path, a quarter in the box between the ends and a
 * quarter at its corners, which methods of coalitions go to.
 */
const SAMPLES = 400;
const SAMPLES_QUICK = 40;
/** What the largest slope seen is multiplied by, for those not seen. */
const MARGIN = 1.2;

/**
 * Where F does not decrease from x' to x on any monotone path, no attribution is negative. F is made so by adding
 * L_i sgn(x_i - x'_i) x_i with L_i above every slope seen between x' and x; then A_i >= 0 is asked for.
 *
 * @source Lundstrom, Huang, Razaviyayn 2022, arXiv:2202.11912 (non-decreasing positivity)
 */
export async function checkNonDecreasing(subject: Subject, trials: number, seed: number): Promise<Finding> {
  if (!subject.aboutInputs) return notApplicable('a statement about features of the input');
  const samples = trials > 1 ? SAMPLES : SAMPLES_QUICK;
  const found: Trial[] = [];
  for (const { row, x, from, set } of subject.places.slice(0, Math.max(1, Math.floor(trials / 4)))) {
    // What is added grows from one side only: baselines of a set that lie on the other are moved to x.
    const baselines = set.map((b) =>
      b.map((value, i) => (Math.sign(x[i] - value) === Math.sign(x[i] - from[i]) ? value : x[i])),
    );
    const points = Array.from({ length: samples }, (_, sample) => {
      const share = (element: number): number => randomUniform(seed, streams.alpha, { sample, element });
      const common = sample % 2 === 0 ? share(0) : null;
      return x.map((value, i) => {
        const inBox = share(i + 1);
        const alpha = common ?? (sample % 4 === 1 ? inBox : Math.round(inBox));
        return (1 - alpha) * baselines[sample % baselines.length][i] + alpha * value;
      });
    });
    const slopes = new Float64Array(x.length);
    for (const gradient of await subject.gradientsAt(row, points)) {
      for (let i = 0; i < slopes.length; i++) slopes[i] = Math.max(slopes[i], MARGIN * Math.abs(gradient[i]));
    }
    const added = slopes.map((slope, i) => slope * Math.sign(x[i] - from[i]));
    const vector = await subject.attributeFronts(row, [{ apply: (z) => z, transpose: (g) => g }], x, baselines, added);
    const negative = vector.map((value) => Math.max(0, -value));
    const deviation = largestOf(negative);
    found.push({ row, feature: negative.indexOf(deviation), deviation, scale: largestOf(vector) });
  }
  return judge(found, subject.rounding, `F made non-decreasing by slopes above those of ${samples} samples`);
}
