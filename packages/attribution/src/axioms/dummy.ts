import type { DifferentiableModel } from '@pathwise/model';
import { withRowAxes } from '../whole-inputs.ts';
import { judge, notApplicable, type Finding, type Trial } from './axiom.ts';
import { largestOf, spreadFeatures } from './features.ts';
import type { Front } from './front-model.ts';
import type { Subject } from './subject.ts';

/** A second version of the model on whose target some elements of an attributed tensor have no influence. */
export interface DummyModel {
  readonly name: string;
  readonly tensor: string;
  /** Flat indices into a row of the tensor. */
  readonly elements: readonly number[];
  readonly model: DifferentiableModel;
}

/**
 * A feature without influence gets 0: inputs that do not reach the target, features that are replaced by a constant in
 * front of the model, and those whose influence cancels inside the given models.
 */
export async function checkDummy(
  subject: Subject,
  trials: number,
  dummies: readonly DummyModel[] = [],
): Promise<Finding> {
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
    const { x, from, set } = subject.places[row];
    const frozen: Front = {
      apply: (z) => z.map((value, i) => (i === feature ? from[i] : value)),
      transpose: (g) => g.map((value, i) => (i === feature ? 0 : value)),
    };
    const vector = await subject.attributeFronts(row, [frozen], x, set);
    found.push({ row, feature, deviation: Math.abs(vector[feature]), scale: largestOf(vectors[row]) });
  }
  const notes = [`constant features and inputs that do not reach the target ${largestShare(found)}`];
  for (const dummy of dummies) {
    const own = await hiddenTrials(subject, dummy, vectors);
    if (own.length === 0) continue;
    found.push(...own);
    notes.push(`${dummy.name} ${largestShare(own)}`);
  }
  return judge(found, subject.rounding, `largest share: ${notes.join(', ')}`);
}

/** What elements get that the given model reads and does not depend on. */
async function hiddenTrials(
  subject: Subject,
  { tensor, elements, model }: DummyModel,
  vectors: readonly Float64Array[],
): Promise<Trial[]> {
  const { sources } = subject.context;
  const at = sources.findIndex(({ name }) => name === tensor);
  if (at < 0) return [];
  const offset = sources.slice(0, at).reduce((sum, { size }) => sum + size, 0);
  const hidden = await subject.attributeAt(subject.places, 'fixed', withRowAxes(model));
  return subject.places.flatMap(({ row }) =>
    elements.map((element): Trial => {
      const feature = offset + element;
      return { row, feature, deviation: Math.abs(hidden.vectors[row][feature]), scale: largestOf(vectors[row]) };
    }),
  );
}

function largestShare(trials: readonly Trial[]): string {
  const shares = trials.map(({ deviation, scale }) => (deviation === 0 ? 0 : deviation / scale));
  return String(Number(shares.reduce((a, b) => Math.max(a, b), 0).toPrecision(2)));
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
