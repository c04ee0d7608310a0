import { judge, notApplicable, type Finding, type Trial } from './axiom.ts';
import { largestOf, spreadFeatures } from './features.ts';
import type { Front } from './front-model.ts';
import type { Subject } from './subject.ts';

/**
 * A feature without influence gets 0: inputs that do not reach the target, and features that are replaced by a
 * constant in front of the model.
 */
export async function checkDummy(subject: Subject, trials: number): Promise<Finding> {
  if (!subject.aboutInputs) return notApplicable('a statement about features of the input');
  const { vectors } = await subject.attributeAt(subject.places, 'fixed');
  const found: Trial[] = unreached(subject).flatMap((feature) =>
    subject.places.map(({ row }) => ({
      row,
      feature,
      deviation: Math.abs(vectors[row][feature]),
      scale: largestOf(vectors[row]),
    })),
  );
  for (const { row, feature } of spreadFeatures(subject, vectors, trials)) {
    const { x, from } = subject.places[row];
    const frozen: Front = {
      apply: (z) => z.map((value, i) => (i === feature ? from[i] : value)),
      transpose: (g) => g.map((value, i) => (i === feature ? 0 : value)),
    };
    const vector = await subject.attributeFronts(row, [frozen], x, from);
    found.push({ row, feature, deviation: Math.abs(vector[feature]), scale: largestOf(vectors[row]) });
  }
  return judge(found, subject.rounding, 'features replaced by a constant, and inputs that do not reach the target');
}

/** Elements of attributed tensors that the target does not depend on. */
function unreached({ context }: Subject): number[] {
  const { sources, structure, target } = context;
  let offset = 0;
  return sources.flatMap(({ name, size }) => {
    const start = offset;
    offset += size;
    if (structure.reaches(name, target.objective.tensor)) return [];
    return Array.from({ length: size }, (_, i) => start + i);
  });
}
