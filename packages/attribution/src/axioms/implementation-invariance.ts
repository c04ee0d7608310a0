import type { DifferentiableModel } from '@pathwise/model';
import { withRowAxes } from '../whole-inputs.ts';
import { judge, notApplicable, type Finding, type Trial } from './axiom.ts';
import { largestOf } from './features.ts';
import type { Subject } from './subject.ts';

/** Models that compute the same function get the same attributions; the outputs are compared first. */
export async function checkImplementationInvariance(
  subject: Subject,
  others: readonly { readonly name: string; readonly model: DifferentiableModel }[],
): Promise<Finding> {
  if (others.length === 0) return notApplicable('no second implementation was given');
  const first = await subject.attributeAt(subject.places, 'fixed');
  const found: Trial[] = [];
  const names: string[] = [];
  for (const { name, model } of others) {
    const second = await subject.attributeAt(subject.places, 'fixed', withRowAxes(model));
    const differs = first.result.outputAtInput.findIndex((value, row) => {
      const other = second.result.outputAtInput[row];
      return Math.abs(value - other) > subject.rounding * Math.max(1, Math.abs(value));
    });
    if (differs >= 0) return notApplicable(`${name} computes another function: its output differs in row ${differs}`);
    names.push(name);
    for (const [row, vector] of first.vectors.entries()) {
      const deviations = vector.map((value, i) => Math.abs(value - second.vectors[row][i]));
      const deviation = largestOf(deviations);
      found.push({ row, feature: deviations.indexOf(deviation), deviation, scale: largestOf(vector) });
    }
  }
  return judge(found, subject.rounding, `against ${names.join(', ')}`);
}
