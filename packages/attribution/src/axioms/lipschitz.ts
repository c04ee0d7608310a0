import { randomNormal, streams, type DifferentiableModel } from '@pathwise/model';
import { l1 } from '../evaluate/integral.ts';
import type { Method } from '../method.ts';
import { methodById } from '../methods/all.ts';
import type { AttributionRequest } from '../request.ts';
import { checkSupport } from '../support.ts';
import { subjectOf, type Place, type Subject } from './subject.ts';

export interface LipschitzOptions {
  /** Random directions from each row, besides the difference from the baseline and the gradient; default 16. */
  readonly directions?: number | undefined;
  /** Radii of the balls, as shares of the 2-norm of x - x' (of x without a baseline); default 0.1, 0.01, 0.001. */
  readonly radii?: readonly number[] | undefined;
  readonly seed?: number | undefined;
}

/** How fast the attributions of one row were seen to change in a ball around it. */
export interface LipschitzEstimate {
  readonly row: number;
  /** In units of the input. */
  readonly radius: number;
  /** Largest |A(x + r u) - A(x)| / r over the directions u, in 2-norms. */
  readonly ratio: number;
  /** What is left of the ratio after the stated errors of both attributions: no Lipschitz constant on the ball is less. */
  readonly lowerBound: number;
  /** The lower bound times |x - x'| / |A(x)|, which compares models. */
  readonly relative: number;
}

const RADII = [0.1, 0.01, 0.001];
const DIRECTIONS = 16;

/**
 * Samples how fast attributions change with the input. It certifies a lower bound of the Lipschitz constant of the map
 * x -> A(x) on each ball, and no upper one. A bound that grows like 1 / radius is the sign of a jump: integrated gradients
 * of piecewise-linear models jump where a path runs inside a kink. For rules with fixed nodes and for sampled methods (the
 * same draws everywhere) the map is the computed sum, not its limit.
 *
 * @returns one estimate a row and radius, radii in the order given
 * @throws PathwiseError BAD_ARGUMENT, UNSUPPORTED_METHOD as `attribute` does; CANCELLED
 * @source the definition of the Lipschitz constant; sampled ratios bound it from below
 */
export async function estimateLipschitz(
  model: DifferentiableModel,
  method: string | Method,
  request: AttributionRequest,
  { directions = DIRECTIONS, radii = RADII, seed = 0 }: LipschitzOptions = {},
): Promise<LipschitzEstimate[]> {
  const chosen = typeof method === 'string' ? methodById(method) : method;
  checkSupport(model, chosen, request);
  const subject = await subjectOf(model, chosen, request, 0);
  const estimates: LipschitzEstimate[] = [];
  for (const place of subject.places) {
    const delta = place.x.map((value, i) => value - (chosen.takes.baseline === 'none' ? 0 : place.from[i]));
    const length = norm(delta);
    const [gradient] = await subject.gradientsAt(place.row, [place.x]);
    const units = [delta, gradient, ...randomDirections(place, directions, seed)].flatMap((u) => unit(u));
    const [base] = await attributions(subject, [place]);
    for (const share of radii) {
      const radius = share * length;
      const moved = units.map((u): Place => ({ ...place, x: place.x.map((value, i) => value + radius * u[i]) }));
      const found = radius > 0 ? await attributions(subject, moved) : [];
      const ratios = found.map(({ vector }) => norm(vector.map((value, i) => value - base.vector[i])) / radius);
      const bounds = found.map(({ error }, k) => ratios[k] - (error + base.error) / radius);
      const lowerBound = Math.max(0, ...bounds);
      const size = norm(base.vector);
      const relative = lowerBound === 0 ? 0 : (lowerBound * length) / size;
      estimates.push({ row: place.row, radius, ratio: Math.max(0, ...ratios), lowerBound, relative });
    }
  }
  return estimates;
}

interface Computed {
  readonly vector: Float64Array;
  /** Bound of the 2-norm of its error. */
  readonly error: number;
}

/** Of random methods all places see the same draws, and as many: no tolerance ends them early. */
async function attributions(subject: Subject, places: readonly Place[]): Promise<Computed[]> {
  const nodes = subject.method.random === true ? 'fixed' : 'asked';
  const { vectors, result } = await subject.attributeAt(places, nodes);
  // The stated error is relative to the L1 norm and bounds the L1 norm of the error, which is at least its 2-norm.
  return vectors.map((vector, i) => {
    return { vector, error: (result.error?.[i] ?? 0) * l1(vector) };
  });
}

function randomDirections({ row, x }: Place, count: number, seed: number): Float64Array[] {
  return Array.from({ length: count }, (_, sample) =>
    x.map((__, element) => randomNormal(seed, streams.gaussian, { row, sample, element })),
  );
}

/** The direction of a vector; none of one that is zero. */
function unit(vector: Float64Array): Float64Array[] {
  const length = norm(vector);
  return length > 0 ? [vector.map((value) => value / length)] : [];
}

function norm(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
