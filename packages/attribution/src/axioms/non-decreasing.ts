import { randomUniform, streams } from '@pathwise/model';
import { judge, notApplicable, type Finding, type Trial } from './axiom.ts';
import { largestOf } from './features.ts';
import { monotonePath, type PathCounts } from './monotone-paths.ts';
import type { Place, Subject } from './subject.ts';

/**
 * Gradients looked at for a bound of each slope: half of them on the path, a quarter in the box between the ends and a
 * quarter at its corners, which methods of coalitions go to.
 */
const SAMPLES = 400;
const SAMPLES_QUICK = 40;
/** What the largest slope seen is multiplied by, for those not seen. */
const MARGIN = 1.2;
/** Paths on which F itself is looked at. */
const PATHS: PathCounts = { curved: 64, ordered: 16 };
const PATHS_QUICK: PathCounts = { curved: 8, ordered: 2 };

/**
 * Where F does not decrease from x' to x on any monotone path, no attribution is negative. F is made so by adding
 * L_i sgn(x_i - x'_i) x_i with L_i above every slope seen between x' and x; then A_i >= 0 is asked for. Of F itself random
 * paths can refute that it does not decrease, and never prove it: what is negative where they do not is only noted.
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
  const itself = await ofItself(subject, trials > 1 ? PATHS : PATHS_QUICK, seed);
  const made = `F made non-decreasing by slopes above those of ${samples} samples`;
  return judge(found, subject.rounding, `${made}; of F itself: ${itself}`);
}

/** What attributions of F as it is say, in the first row where no path refutes that F does not decrease. */
async function ofItself(subject: Subject, counts: PathCounts, seed: number): Promise<string> {
  const paths = Math.max(counts.curved + counts.ordered, ...subject.places.map(({ set }) => set.length));
  for (const place of subject.places) {
    if (await decreases(subject, place, counts, paths, seed)) continue;
    const [vector] = (await subject.attributeAt([place], 'fixed')).vectors;
    const least = vector.reduce((smallest, value, i) => (value < vector[smallest] ? i : smallest), 0);
    const isNegative = vector[least] < -subject.rounding * largestOf(vector);
    const seen = isNegative ? `feature ${least} gets ${Number(vector[least].toPrecision(5))}` : 'nothing is negative';
    return `no fall on ${paths} monotone paths of row ${place.row}, which proves nothing; ${seen}`;
  }
  return 'it falls on a monotone path in every row, and nothing is claimed';
}

/** F falls by more than rounding somewhere on a monotone path; the first such path ends the search. */
async function decreases(
  subject: Subject,
  place: Place,
  counts: PathCounts,
  paths: number,
  seed: number,
): Promise<boolean> {
  for (let path = 0; path < paths; path++) {
    const points = monotonePath(place.x, place.set, counts, path, seed);
    const outputs = await subject.outputsAt(
      points.map((x): Place => ({ ...place, x })),
      'x',
    );
    const scale = Math.max(...outputs.map(Math.abs));
    if (outputs.some((output, k) => k > 0 && outputs[k - 1] - output > subject.rounding * scale)) return true;
  }
  return false;
}
