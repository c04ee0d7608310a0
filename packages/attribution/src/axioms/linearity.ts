import { sizeOf, type TargetOfRow } from '@pathwise/model';
import { objectiveValue } from '../evaluate/points.ts';
import { resolveTarget } from '../target.ts';
import { judge, notApplicable, type Finding, type Trial } from './axiom.ts';
import { largestOf } from './features.ts';
import type { Place, Subject } from './subject.ts';

const [A, B] = [2, -3];

/** A(2F - 3G) = 2 A(F) - 3 A(G), G another element of the output (its square if it has one only), and A(-F) = -A(F). */
export async function checkLinearity(subject: Subject): Promise<Finding> {
  if (subject.method.takes.neuron === true) return notApplicable('the target is the neuron');
  const isLinear = subject.method.propagation !== undefined;
  if (isLinear && rowSize(subject) === 1)
    return notApplicable('the method is linear in outputs, and there is one only');
  const attributed = async (target: (row: number) => TargetOfRow): Promise<readonly Float64Array[]> => {
    const places: Place[] = subject.places.map((place) => ({ ...place, target: target(place.row) }));
    return (await subject.attributeAt(places, 'fixed')).vectors;
  };
  const f = await attributed((row) => combine(subject, row, 1, 0));
  const g = await attributed((row) => combine(subject, row, 0, 1));
  const both = await attributed((row) => combine(subject, row, A, B));
  const minus = await attributed((row) => combine(subject, row, -1, 0));
  const found = subject.places.flatMap(({ row }): Trial[] => {
    const scale = Math.max(A * largestOf(f[row]), -B * largestOf(g[row]));
    const sum = f[row].map((value, i) => Math.abs(both[row][i] - (A * value + B * g[row][i])));
    const negated = f[row].map((value, i) => Math.abs(minus[row][i] + value));
    return [sum, negated].map((deviations) => {
      const deviation = largestOf(deviations);
      return { row, feature: deviations.indexOf(deviation), deviation, scale };
    });
  });
  return judge(found, subject.rounding, '2F - 3G and -F, G another output');
}

function rowSize({ context }: Subject): number {
  return sizeOf(rowShapeOf(context));
}

function rowShapeOf({ target, structure }: Subject['context']): readonly number[] {
  const shape = structure.tensor(target.objective.tensor)?.shape ?? [1];
  return shape[0] === 1 ? shape.slice(1) : shape;
}

/** a F + b G as a function of the output row; as a weighted sum where F is one and there is another element. */
function combine({ targets, context }: Subject, row: number, a: number, b: number): TargetOfRow {
  const { tensor } = context.target.objective;
  const rowShape = rowShapeOf(context);
  const size = sizeOf(rowShape);
  const { rows } = context.target.objective;
  const whole = rows[rows.length === 1 ? 0 : row];
  if (size > 1 && whole.kind === 'linear') {
    const other = (Array.from(whole.weights).findIndex((w) => w !== 0) + 1) % size;
    return { weights: whole.weights.map((w, i) => a * w + (i === other ? b : 0)) };
  }
  return (output) => {
    const one = { dtype: 'float64' as const, shape: [1, ...rowShape], data: output };
    const [own] = resolveTarget(targets[row], tensor, tensor, one).objective.rows;
    const slopes = own.kind === 'function' ? own.evaluate(output).gradient : own.weights;
    const value = objectiveValue(own, output);
    // The element after the one that F weighs most; with one element G = F^2.
    const at = (Array.from(slopes).findIndex((w) => w !== 0) + 1) % size;
    const other = size > 1 ? output[at] : value * value;
    const gradient = Float64Array.from(slopes, (w, i) => {
      const otherSlope = size > 1 ? Number(i === at) : 2 * value * w;
      return a * w + b * otherSlope;
    });
    return { value: a * value + b * other, gradient };
  };
}
