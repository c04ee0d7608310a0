import { randomPick, streams } from '@pathwise/model';
import { judge, notApplicable, type Finding, type Trial } from './axiom.ts';
import { largestOf } from './features.ts';
import type { Front } from './front-model.ts';
import type { Subject } from './subject.ts';

const SCALES = [-2, -1, -0.5, 0.5, 2];

/** Units do not matter: A(c x + d, c x' + d, F((z - d) / c)) = A(x, x', F). Unchanged features keep their unit. */
export async function checkAffineScale(subject: Subject, trials: number, seed: number): Promise<Finding> {
  if (!subject.aboutInputs) return notApplicable('a statement about features of the input');
  const { vectors } = await subject.attributeAt(subject.places, 'fixed');
  const found: Trial[] = [];
  for (let sample = 0; sample < trials; sample++) {
    const row = sample % subject.places.length;
    const { x, set } = subject.places[row];
    const draw = (element: number, count: number): number =>
      randomPick(seed, streams.noise, count, { sample, element });
    const scale = x.map((_, i) => SCALES[draw(2 * i, SCALES.length)]);
    const isFixed = (i: number): boolean => set.every((b) => b[i] === x[i]);
    const shift = x.map((_, i) => (isFixed(i) ? 0 : (draw(2 * i + 1, 33) - 16) / 8));
    const front: Front = {
      apply: (z) => z.map((value, i) => (value - shift[i]) / scale[i]),
      transpose: (g) => g.map((value, i) => value / scale[i]),
    };
    const rescale = (v: Float64Array): Float64Array => v.map((value, i) => scale[i] * value + shift[i]);
    const vector = await subject.attributeFronts(row, [front], rescale(x), set.map(rescale));
    const deviations = vector.map((value, i) => Math.abs(value - vectors[row][i]));
    const deviation = largestOf(deviations);
    found.push({ row, feature: deviations.indexOf(deviation), deviation, scale: largestOf(vectors[row]) });
  }
  return judge(found, subject.rounding, 'random units of every feature');
}
