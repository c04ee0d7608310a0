import { randomUniform, streams, type Attribution } from '@pathwise/model';
import { judge, notApplicable, type Finding, type Trial } from './axiom.ts';
import { joinFeeds } from './front-model.ts';
import type { Place, Subject } from './subject.ts';

/** The relative error that a request asks for unless it says so. */
const DEFAULT_TOLERANCE = 0.05;
/** Relative deviation allowed to a rule with fixed nodes. */
const FIXED_TOLERANCE = 0.01;
/** Methods whose sums telescope are complete up to rounding, times this: differences near 0 are not divided by. */
const ROUNDINGS = 100;
/** Standard errors that a sum of samples may be off by. */
const STANDARD_ERRORS = 4;
/** Scale of a change of F that nearly vanishes, relative to F itself. */
const FLOOR = 1e-6;

/** The attributions sum to F(x) - F(x'): at the rows, between them and the baseline, and with single features reset. */
export async function checkCompleteness(subject: Subject, trials: number, seed: number): Promise<Finding> {
  const places = [...subject.places, ...mixtures(subject, trials, seed)];
  const { vectors, result } = await subject.attributeAt(places, 'asked');
  if (result.complete === false) return notApplicable('the layer is no cut');
  if (!subject.aboutInputs && result.complete !== true)
    return notApplicable('the method makes no statement about sums');
  const at = result.outputAtInput;
  // Of a set the mean of F, by our own count: a method could have meant F of the mean.
  const stated = subject.hasSet ? null : result.outputAtBaseline;
  const from = stated ?? (await subject.outputsAt(places, 'from'));
  const { tolerance, steps, exact, quadrature } = subject.request;
  const isAdaptive =
    subject.method.takes.quadrature === true && steps === undefined && (quadrature ?? 'adaptive') === 'adaptive';
  // The tolerance holds on each path; where paths cancel in the mean, the result states a larger error.
  const looser = (i: number): number =>
    subject.hasSet && isAdaptive ? Math.max(1, (result.error?.[i] ?? 0) / (tolerance ?? DEFAULT_TOLERANCE)) : 1;
  const errors = sampledErrors(subject, result, places.length);
  const found = places.map(({ row }, i): Trial => {
    const sum = vectors[i].reduce((a, b) => a + b, 0);
    const size = vectors[i].reduce((a, b) => a + Math.abs(b), 0);
    const change = Math.max(Math.abs(at[i] - from[i]), FLOOR * Math.max(Math.abs(at[i]), Math.abs(from[i])));
    // |delta| is at most the L1 error, which is small relative to the L1 norm: terms that cancel in F(x) - F(x') count.
    return {
      row,
      feature: null,
      deviation: Math.max(0, Math.abs(sum - (at[i] - from[i])) - errors[i]),
      scale: Math.max(change, size) * looser(i),
    };
  });
  const byRules = subject.method.telescopes === true ? ROUNDINGS * subject.rounding : FIXED_TOLERANCE;
  const allowed = exact === true ? 1e-6 : isAdaptive ? (tolerance ?? DEFAULT_TOLERANCE) : byRules;
  return judge(found, allowed, 'relative to the L1 norm of the attributions');
}

/** What sampling may take from the sum of each place: four standard errors of each feature. */
function sampledErrors({ method }: Subject, { standardErrors = {} }: Attribution, count: number): Float64Array {
  const errors = new Float64Array(count);
  if (method.random !== true) return errors;
  for (const [i, vector] of joinFeeds(standardErrors, Object.keys(standardErrors), count).entries()) {
    errors[i] = STANDARD_ERRORS * vector.reduce((sum, error) => sum + error, 0);
  }
  return errors;
}

/** Points between a row and its baseline, feature by feature, and rows with one feature reset. */
function mixtures({ places }: Subject, trials: number, seed: number): Place[] {
  return Array.from({ length: trials }, (_, sample) => {
    const place = places[sample % places.length];
    const share = (element: number): number => randomUniform(seed, streams.alpha, { sample, element });
    const reset = Math.floor(share(0) * place.x.length);
    const x = place.x.map((value, i) => {
      if (sample % 2 === 1) return i === reset ? place.from[i] : value;
      const alpha = share(i + 1);
      return (1 - alpha) * place.from[i] + alpha * value;
    });
    return { ...place, x };
  });
}
