import type { DifferentiableModel } from '@pathwise/model';
import { BREAKPOINT_LIMIT } from '../evaluate/exact.ts';
import { methodById } from '../methods/all.ts';
import { quadrature } from '../quadrature/rules.ts';
import type { AttributionRequest } from '../request.ts';
import { checkSupport } from '../support.ts';
import { subjectOf, type Place, type Subject } from './subject.ts';

/** The 2-norm of the Jacobian of integrated gradients at one row: how fast they change right there. */
export interface JacobianNorm {
  readonly row: number;
  /**
   * `power-iteration`: of smooth models, from Hessian-vector products along the path. `crossings`: of piecewise-linear
   * ones, from the jumps of the gradient where the path crosses kinks.
   */
  readonly estimator: 'power-iteration' | 'crossings';
  /** |J v| for the last direction v of unit length: never above the norm, and what it tends to. */
  readonly norm: number;
  /** The norm times |x - x'| / |A(x)|, which compares models. */
  readonly relative: number;
  readonly iterations: number;
  /**
   * Smallest |cos| of the angle between the path and the normal of a kink that it crosses, 1 without kinks: near 0 the
   * row is close to a jump. null for smooth models.
   */
  readonly transversality: number | null;
}

/** J v and J^T u of the attribution map at a point. */
interface Jacobian {
  times(v: Float64Array): Promise<Float64Array>;
  transposed(u: Float64Array): Promise<Float64Array>;
  readonly attribution: Float64Array;
  readonly transversality: number | null;
}

const NODES = 32;
/** When power iteration ends. Products with jumps cost no evaluations. */
const PATIENCE = {
  'power-iteration': { least: 6, most: 30, settled: 1e-3 },
  crossings: { least: 20, most: 2000, settled: 1e-9 },
} as const;
/** Length of the step of a central difference, relative to that of the point. */
const STEP = { float64: 1e-5, float32: 1e-2 };

/**
 * The norm of the Jacobian of x -> IG(x, x') at each row, the baseline held:
 * J = diag(mean gradient) + diag(x - x') (integral of alpha times the Hessian), the Hessian being a sum of jumps
 * [dF][dF]^T alpha / ([dF] . (x - x')) where the path crosses kinks. A lower bound of the Lipschitz constant on every ball
 * around the row, and its limit for small balls. Differentiating the computed sum would miss what kinks contribute.
 *
 * @returns one a row; null for models that are both curved and kinked, for sets of baselines, and for means of gradients
 * @throws PathwiseError BAD_ARGUMENT, UNSUPPORTED_METHOD as `attribute` does; LIMIT_EXCEEDED above 2000 kinks; CANCELLED
 * @source the derivative of Sundararajan, Taly, Yan 2017, arXiv:1703.01365, equation 1; power iteration on J^T J
 */
export async function jacobianNorms(
  model: DifferentiableModel,
  request: AttributionRequest,
): Promise<JacobianNorm[] | null> {
  const method = methodById('integrated-gradients');
  checkSupport(model, method, request);
  const subject = await subjectOf(model, method, request, 0);
  const { context } = subject;
  const names = context.sources.map(({ name }) => name);
  const { kind } = context.structure.pathKind(names, context.target.objective.tensor);
  const isKinked = kind === 'piecewise-linear' || kind === 'affine';
  if (kind === 'mixed' || subject.hasSet || request.params?.['multiplyByInputs'] === false) return null;
  const norms: JacobianNorm[] = [];
  for (const place of subject.places) {
    const jacobian = await (isKinked ? alongKinks : alongCurve)(subject, place);
    const { norm: largest, iterations } = await largestStretch(
      jacobian,
      place,
      isKinked ? 'crossings' : 'power-iteration',
    );
    const size = norm(jacobian.attribution);
    norms.push({
      row: place.row,
      estimator: isKinked ? 'crossings' : 'power-iteration',
      norm: largest,
      relative: size === 0 ? 0 : (largest * norm(difference(place))) / size,
      iterations,
      transversality: jacobian.transversality,
    });
  }
  return norms;
}

/** v <- J^T J v / |J^T J v| until |J v| settles. */
async function largestStretch(
  jacobian: Jacobian,
  { x }: Place,
  estimator: JacobianNorm['estimator'],
): Promise<{ norm: number; iterations: number }> {
  const { least, most, settled } = PATIENCE[estimator];
  // No feature is left out of the first direction, and no two enter alike.
  let v = unit(x.map((_, i) => 1 + 0.5 * Math.sin(i + 1)));
  let stretch = 0;
  for (let iterations = 1; ; iterations++) {
    const image = await jacobian.times(v);
    const next = norm(image);
    const isSettled = iterations >= least && next - stretch <= settled * next;
    stretch = Math.max(stretch, next);
    if (isSettled || iterations === most) return { norm: stretch, iterations };
    v = unit(await jacobian.transposed(image));
  }
}

/** Curved all along: the Hessian's products with a vector are differences of gradients. */
async function alongCurve(subject: Subject, place: Place): Promise<Jacobian> {
  const { alphas, weights } = quadrature('gauss-legendre', NODES);
  const points = Array.from(alphas, (alpha) => pointAt(place, alpha));
  const delta = difference(place);
  const gradient = weighted(await subject.gradientsAt(place.row, points), weights);
  const isFloat64 = subject.context.model.engine === 'reference' || subject.context.model.engine === 'toy';
  const step = STEP[isFloat64 ? 'float64' : 'float32'] * Math.max(norm(place.x), norm(delta));
  const scaled = weights.map((w, k) => w * (alphas[k] as number));
  const hessian = async (v: Float64Array): Promise<Float64Array> => {
    const length = norm(v);
    if (length === 0) return new Float64Array(v.length);
    const moved = (sign: number): Float64Array[] =>
      points.map((p) => p.map((value, i) => value + (sign * step * (v[i] as number)) / length));
    const gradients = await subject.gradientsAt(place.row, [...moved(1), ...moved(-1)]);
    const [up, down] = [gradients.slice(0, points.length), gradients.slice(points.length)];
    const [above, below] = [weighted(up, scaled), weighted(down, scaled)];
    return above.map((value, i) => ((value - (below[i] as number)) * length) / (2 * step));
  };
  return {
    attribution: product(delta, gradient),
    transversality: null,
    async times(v) {
      const curved = await hessian(v);
      return v.map((value, i) => value * (gradient[i] as number) + (delta[i] as number) * (curved[i] as number));
    },
    async transposed(u) {
      const curved = await hessian(product(delta, u));
      return u.map((value, i) => value * (gradient[i] as number) + (curved[i] as number));
    },
  };
}

/** Straight between kinks: the gradient on both sides of a kink differs by a multiple of the kink's normal. */
async function alongKinks(subject: Subject, place: Place): Promise<Jacobian> {
  const inside = await subject.breakpointsOf(place, BREAKPOINT_LIMIT);
  const bounds = [0, ...inside, 1];
  const middles = bounds.slice(1).map((end, k) => ((bounds[k] as number) + end) / 2);
  const gradients = await subject.gradientsAt(
    place.row,
    middles.map((alpha) => pointAt(place, alpha)),
  );
  const lengths = Float64Array.from(bounds.slice(1), (end, k) => end - (bounds[k] as number));
  const gradient = weighted(gradients, lengths);
  const delta = difference(place);
  const kinks = Array.from(inside, (alpha, k) => {
    const [before, after] = [gradients[k] as Float64Array, gradients[k + 1] as Float64Array];
    const jump = after.map((value, i) => value - (before[i] as number));
    return { alpha, jump, along: dot(jump, delta), size: norm(jump) };
  }).filter(({ size, along }) => size > 0 && along !== 0);
  const cosines = kinks.map(({ along, size }) => Math.abs(along) / (size * norm(delta)));
  const apply = (v: Float64Array, left: Float64Array, right: Float64Array): Float64Array => {
    const out = product(v, gradient);
    for (const { alpha, jump, along } of kinks) {
      const share = (alpha * dot(product(right, jump), v)) / along;
      for (let i = 0; i < out.length; i++) out[i] += share * (left[i] as number) * (jump[i] as number);
    }
    return out;
  };
  const ones = delta.map(() => 1);
  return {
    attribution: product(delta, gradient),
    transversality: cosines.reduce((least, cosine) => Math.min(least, cosine), 1),
    times: (v) => Promise.resolve(apply(v, delta, ones)),
    transposed: (u) => Promise.resolve(apply(u, ones, delta)),
  };
}

function pointAt({ x, from }: Place, alpha: number): Float64Array {
  return x.map((value, i) => (1 - alpha) * (from[i] as number) + alpha * value);
}

function difference({ x, from }: Place): Float64Array {
  return x.map((value, i) => value - (from[i] as number));
}

function weighted(vectors: readonly Float64Array[], weights: ArrayLike<number>): Float64Array {
  const sum = new Float64Array(vectors[0]?.length ?? 0);
  for (const [k, vector] of vectors.entries()) {
    for (let i = 0; i < sum.length; i++) sum[i] += (weights[k] as number) * (vector[i] as number);
  }
  return sum;
}

function product(a: Float64Array, b: Float64Array): Float64Array {
  return a.map((value, i) => value * (b[i] as number));
}

function dot(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, i) => sum + value * (b[i] as number), 0);
}

function norm(vector: Float64Array): number {
  return Math.sqrt(dot(vector, vector));
}

function unit(vector: Float64Array): Float64Array {
  const length = norm(vector);
  return length === 0 ? vector : vector.map((value) => value / length);
}
