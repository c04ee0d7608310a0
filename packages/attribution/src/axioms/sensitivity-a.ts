import type { TargetOfRow } from '@pathwise/model';
import { resolveTarget } from '../target.ts';
import { objectiveValue } from '../evaluate/points.ts';
import { judge, notApplicable, type Finding, type Trial } from './axiom.ts';
import type { Place, Subject } from './subject.ts';

/** A change of F below this share of the whole says nothing. */
const SMALLEST_CHANGE = 1e-3;
/** An attribution below this share of the change counts as zero. */
const ZERO_SHARE = 0.01;

/**
 * If x and x' differ in one feature only and F(x) differs from F(x'), that feature's attribution is not zero; nor where the
 * feature is twice as far from x'. A third of the trials explain a function that is flat at x on purpose:
 * e (e c - relu(e c - e F)), c halfway between the ends.
 */
export async function checkSensitivityA(subject: Subject, trials: number): Promise<Finding> {
  if (!subject.aboutInputs) return notApplicable('a statement about features of the input');
  const single = await oneFeaturePlaces(subject, trials);
  const candidates = [...single, ...(await twiceAsFar(subject, single))];
  if (candidates.length === 0) return judge([], 0, '');
  const { vectors } = await subject.attributeAt(
    candidates.map(({ place }) => place),
    'asked',
  );
  const found = candidates.map(({ place, feature, change }, i): Trial => share(place.row, feature, vectors[i], change));
  // Relevance and multipliers start at weighted sums of outputs: no function can be put behind them.
  const isSaturating = !subject.method.takes.neuron && subject.method.propagation === undefined;
  if (isSaturating) {
    const saturated = single.map(({ place, start, change }) => ({
      ...place,
      target: saturate(subject, place.row, start, change),
    }));
    const { vectors: flat } = await subject.attributeAt(saturated, 'asked');
    for (const [i, { place, feature, change }] of single.entries()) {
      found.push(share(place.row, feature, flat[i], change / 2));
    }
  }
  return judge(
    found,
    1 - ZERO_SHARE,
    `deviation: what is missing of the change of F${isSaturating ? '; a third of the trials are saturated at x' : ''}`,
  );
}

/** 0 where the feature has at least the whole change, the change where it has nothing. */
function share(row: number, feature: number, vector: Float64Array, change: number): Trial {
  const missing = Math.max(0, Math.abs(change) - Math.abs(vector[feature]));
  return { row, feature, deviation: missing, scale: Math.abs(change) };
}

interface Candidate {
  readonly place: Place;
  readonly feature: number;
  readonly start: number;
  readonly change: number;
}

/** Places that differ from the baseline in one of the largest features. */
async function oneFeaturePlaces(subject: Subject, trials: number): Promise<Candidate[]> {
  const { vectors } = await subject.attributeAt(subject.places, 'fixed');
  const perRow = Math.max(1, Math.ceil(trials / subject.places.length));
  const candidates = subject.places.slice(0, trials).flatMap((place) => {
    const order = Array.from(vectors[place.row].keys()).filter((i) => place.x[i] !== place.from[i]);
    order.sort((i, j) => Math.abs(vectors[place.row][j]) - Math.abs(vectors[place.row][i]));
    return order.slice(0, perRow).map((feature) => ({
      feature,
      place: {
        ...place,
        x: place.from.map((value, i) => (i === feature ? place.x[i] : value)),
        set: place.set.map((b) => place.from.map((value, i) => (i === feature ? b[i] : value))),
      },
    }));
  });
  const places = candidates.map(({ place }) => place);
  if (places.length === 0) return [];
  const [ends, starts] = [await subject.outputsAt(places, 'x'), await subject.outputsAt(places, 'from')];
  const whole = await subject.outputsAt(subject.places, 'x');
  const base = await subject.outputsAt(subject.places, 'from');
  return candidates
    .map(({ place, feature }, i) => ({ place, feature, start: starts[i], change: ends[i] - starts[i] }))
    .filter(
      ({ place: { row }, change }) =>
        change !== 0 && Math.abs(change) >= SMALLEST_CHANGE * Math.abs(whole[row] - base[row]),
    );
}

/** The same places with their feature twice as far from the baseline; of a set from the first. */
async function twiceAsFar(subject: Subject, single: readonly Candidate[]): Promise<Candidate[]> {
  if (single.length === 0) return [];
  const far = single.map(({ place, feature }) => {
    const x = Float64Array.from(place.x);
    x[feature] += x[feature] - place.from[feature];
    return { ...place, x };
  });
  const ends = await subject.outputsAt(far, 'x');
  return single
    .map((candidate, i) => ({ ...candidate, place: far[i], change: ends[i] - candidate.start }))
    .filter(({ change }, i) => Math.abs(change) >= SMALLEST_CHANGE * Math.abs(single[i].change));
}

/** F turned flat halfway between its ends. */
function saturate({ targets, context }: Subject, row: number, start: number, change: number): TargetOfRow {
  const e = Math.sign(change);
  const c = start + change / 2;
  const { tensor } = context.target.objective;
  const shape = context.structure.tensor(tensor)?.shape ?? [];
  return (output) => {
    const rowShape = shape[0] === 1 ? shape.slice(1) : shape;
    const one = { dtype: 'float64' as const, shape: [1, ...rowShape], data: output };
    const [objective] = resolveTarget(targets[row], tensor, tensor, one).objective.rows;
    const value = objectiveValue(objective, output);
    const inside = e * (c - value) > 0;
    const slopes = objective.kind === 'function' ? objective.evaluate(output).gradient : objective.weights;
    return {
      value: e * (e * c - Math.max(0, e * (c - value))),
      gradient: Float64Array.from(slopes, (w) => (inside ? w : 0)),
    };
  };
}
