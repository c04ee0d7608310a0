import { sizeOf, toFloat64 } from '@pathwise/model';
import { targetName } from '@pathwise/viz';
import {
  explainer,
  float32,
  graphBuilder,
  PathwiseError,
  type Attribution,
  type Baseline,
  type Tensor,
} from 'pathwise';
import { draw, probeOf, type Scene } from './draw.ts';
import { methodOf, sceneOf, type OpenScene, type Result } from './explain.ts';
import { badgeOf } from './explained.ts';
import type { DrawnPicture, Look, PathCurve, PathFrame, Question } from './protocol.ts';
import { baselineOf, requestOf, targetOf } from './request.ts';

/** A straight path whose gradients are kept, so that any of its points can be shown at once. */
export interface KeptPath extends Result {
  readonly curve: PathCurve;
  readonly tensor: string;
  /** Row of the attributed tensor at the input; null for words, whose embedding is not looked at. */
  readonly input: Float64Array | null;
  /** x − x′. */
  readonly displacement: Float64Array | null;
  /** Gradients at each point, times x − x′ where that is known. */
  readonly gradients: readonly Float64Array[];
  /** Attributions accumulated up to each point. */
  readonly accumulated: readonly Float64Array[];
  readonly shape: readonly number[];
}

const POINTS = 32;
const MOST_POINTS = 256;
/** Numbers of gradients that are kept at most. */
const MOST_KEPT = 6e7;

/** Walks along the path from the baseline to the input. */
export async function walk(question: Question, signal: AbortSignal): Promise<KeptPath> {
  const { scene, chips } = await sceneOf(question, signal);
  const started = performance.now();
  const { model, row } = scene;
  const baseline = await baselineOf(question.baseline, model, row);
  const steps = Math.min(question.steps > 0 ? question.steps : POINTS, MOST_POINTS);
  const target = targetOf(question.target);
  const attribution = await model.explain(row.prepared, {
    method: 'interior-gradients',
    target,
    baseline,
    steps,
    params: { keepGradients: true },
    signal,
  });
  const milliseconds = performance.now() - started;
  const [tensor = ''] = Object.keys(attribution.attributions);
  const [curve] = attribution.curves ?? [];
  const kept = curve?.gradients?.[tensor];
  if (curve === undefined || kept === undefined) throw new PathwiseError('INTERNAL', 'the path has no curve');
  if (kept.data.length > MOST_KEPT) {
    throw new PathwiseError('BUDGET', 'This path would need too much memory to be shown. Choose fewer points');
  }
  const [, ...shape] = attribution.attributions[tensor]?.shape ?? [];
  const size = sizeOf(shape);
  const feed = row.prepared.feeds[tensor];
  const displacement = feed === undefined ? null : await displacementOf(tensor, feed, baseline);
  const whole = toFloat64((attribution.attributions[tensor] as Tensor).data);
  const flat = toFloat64(kept.data);
  const gradients = curve.alphas.map((_, k) => flat.subarray(k * size, (k + 1) * size));
  const change = (attribution.outputAtInput[0] as number) - (attribution.outputAtBaseline?.[0] ?? 0);
  const rule = await byRule(question, scene, signal);
  return {
    scene,
    chips,
    attribution,
    question: { ...question, method: 'interior-gradients', params: {} },
    milliseconds,
    tensor,
    shape,
    input: feed === undefined ? null : toFloat64(feed.data),
    displacement,
    gradients,
    accumulated: accumulate(curve.alphas, gradients, whole),
    curve: {
      alphas: curve.alphas,
      outputs: curve.outputs,
      cumulative: curve.cumulative,
      norms: curve.gradientNorms,
      residuals: curve.alphas.slice(1).map((_, k) => {
        const sum = (curve.cumulative[k + 1] as number) - (curve.cumulative[k] as number);
        return sum - ((curve.outputs[k + 1] as number) - (curve.outputs[k] as number));
      }),
      change,
      target: targetName(attribution, 0, model.explain.labels),
      saturation: saturationOf(curve),
      ...rule,
    },
  };
}

/** The same integral by the rule, points and tolerance that are chosen. */
async function byRule(
  question: Question,
  { model, row }: OpenScene,
  signal: AbortSignal,
): Promise<Pick<PathCurve, 'rule' | 'ruleName'>> {
  const started = performance.now();
  const method = methodOf('integrated-gradients');
  const request = await requestOf({ ...question, params: {} }, method, model, row);
  const result = await model.explain(row.prepared, { ...request, signal });
  const name =
    request.steps === undefined
      ? `adaptive, tolerance ${Number((100 * question.tolerance).toPrecision(3))} %`
      : `${request.quadrature ?? 'gauss-legendre'}, ${request.steps} points`;
  return { rule: badgeOf(result, performance.now() - started), ruleName: name };
}

/** x − x′ for any baseline: integrated gradients of the plain sum of all inputs. */
async function displacementOf(name: string, feed: Tensor, baseline: Baseline): Promise<Float64Array> {
  const b = graphBuilder();
  const x = b.input(name, feed.shape);
  const axes = feed.shape.map((_, axis) => axis).slice(1);
  const explain = await explainer(b.build([b.reduceSum(x, axes, false)]));
  const { attributions } = await explain({ [name]: feed }, { baseline, steps: 1, target: 'sum' });
  return toFloat64((attributions[name] as Tensor).data);
}

/** Sums of the trapezoids up to each point; the last is the attribution itself. */
function accumulate(
  alphas: readonly number[],
  gradients: readonly Float64Array[],
  whole: Float64Array,
): Float64Array[] {
  const mean = new Float64Array(whole.length);
  const sums = [mean.slice()];
  for (let k = 1; k < alphas.length; k++) {
    const half = ((alphas[k] as number) - (alphas[k - 1] as number)) / 2;
    const [a, b] = [gradients[k - 1] as Float64Array, gradients[k] as Float64Array];
    for (let i = 0; i < mean.length; i++) mean[i] = (mean[i] as number) + half * ((a[i] as number) + (b[i] as number));
    sums.push(mean.slice());
  }
  // The mean gradient times x − x′ is the attribution, which gives x − x′ where the gradient is not zero.
  return sums.map((sum) =>
    sum.map((value, i) => ((mean[i] as number) === 0 ? 0 : (value / (mean[i] as number)) * (whole[i] as number))),
  );
}

function saturationOf({ halfChangeAlpha, saturated }: NonNullable<Attribution['curves']>[number]): string {
  const half =
    halfChangeAlpha === null
      ? 'F is the same at both ends.'
      : `Half of the change has happened at α = ${Number(halfChangeAlpha.toPrecision(2))}.`;
  return saturated
    ? `${half} Saturated: at the input the gradient is at most a tenth of its largest value on the path.`
    : `${half} Not saturated at the input.`;
}

/** What the path looks like at the point nearest to `alpha`. */
export function frameAt(path: KeptPath, alpha: number, look: Look): PathFrame {
  const { curve, scene, tensor, shape, input, displacement, attribution } = path;
  const at = nearest(curve.alphas, alpha);
  const here = curve.alphas[at] as number;
  const place =
    input === null || displacement === null
      ? null
      : input.map((value, i) => value - (1 - here) * (displacement[i] as number));
  const own: Scene =
    place === null
      ? scene
      : {
          ...scene,
          row: {
            ...scene.row,
            prepared: {
              ...scene.row.prepared,
              feeds: { ...scene.row.prepared.feeds, [tensor]: float32([1, ...shape], place) },
            },
          },
        };
  const as = (values: Float64Array, unit: Attribution['unit']): Attribution => ({
    ...attribution,
    attributions: { [tensor]: { dtype: 'float32', shape: [1, ...shape], data: values } },
    unit,
    convergenceDelta: null,
    relativeDelta: null,
  });
  const flat = { ...look, over: false, top: 100 };
  // A legend that stays while the point moves: the largest value on the whole path.
  const limitOf = (list: readonly Float64Array[]): number | undefined => {
    const most = list.reduce((m, values) => {
      const probe = probeOf(as(values, 'contribution'), own, flat);
      return probe.values.reduce((n, value) => Math.max(n, Math.abs(value)), m);
    }, 0);
    return most > 0 ? most : undefined;
  };
  const limits = limitsFor(path, look.channels, () => [limitOf(path.gradients), limitOf(path.accumulated.slice(-1))]);
  const pictures: DrawnPicture[] = [
    draw(as(path.gradients[at] as Float64Array, 'per-unit'), own, {
      look: flat,
      title: 'Gradient there',
      limit: limits[0],
    }),
    draw(as(path.accumulated[at] as Float64Array, 'contribution'), own, {
      look: flat,
      title: 'Accumulated up to there',
      limit: limits[1],
    }),
  ];
  return {
    alpha: here,
    output: curve.outputs[at] as number,
    cumulative: curve.cumulative[at] as number,
    pictures,
    image: place === null || scene.model.kind !== 'image' ? null : imageOf(place, path),
  };
}

type Limits = readonly [gradient: number | undefined, accumulated: number | undefined];
const knownLimits = new WeakMap<KeptPath, Map<string, Limits>>();

/** The ends of the scales of a path, found once for each way to reduce channels. */
function limitsFor(path: KeptPath, channels: string, find: () => Limits): Limits {
  const known = knownLimits.get(path) ?? new Map<string, Limits>();
  knownLimits.set(path, known);
  const limits = known.get(channels) ?? find();
  known.set(channels, limits);
  return limits;
}

function nearest(alphas: readonly number[], alpha: number): number {
  let best = 0;
  for (const [k, each] of alphas.entries()) {
    if (Math.abs(each - alpha) < Math.abs((alphas[best] as number) - alpha)) best = k;
  }
  return best;
}

/** The interpolated input as an image: the range of input and baseline becomes black to white. */
function imageOf(place: Float64Array, { input, displacement, shape, scene, tensor }: KeptPath): PathFrame['image'] {
  if (input === null || displacement === null || shape.length !== 3) return null;
  const last = scene.row.prepared.layouts[tensor] === 'nhwc' || ((shape[2] as number) <= 3 && (shape[0] as number) > 3);
  const [channels, height, width] = (last ? [shape[2], shape[0], shape[1]] : shape) as [number, number, number];
  const ends = Array.from(input, (value, i) => [value, value - (displacement[i] as number)] as const);
  const low = ends.reduce((m, [a, b]) => Math.min(m, a, b), Infinity);
  const high = ends.reduce((m, [a, b]) => Math.max(m, a, b), -Infinity);
  const data = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) {
      const channel = channels >= 3 ? c : 0;
      const value = place[last ? p * channels + channel : channel * width * height + p] as number;
      data[4 * p + c] = high === low ? 0 : (255 * (value - low)) / (high - low);
    }
  }
  return { width, height, data };
}
