import { toFloat64, type Tensor } from '@pathwise/model';
import { colourRange } from '@pathwise/viz';
import type { Attribution } from 'pathwise';
import { draw, probeOf, type Scene } from './draw.ts';
import { methodOf, sceneOf, type OpenScene, type Result } from './explain.ts';
import { badgeOf } from './explained.ts';
import { failureOf } from './failure.ts';
import type { BaselineSet, Chip, Look, Question } from './protocol.ts';
import { requestOf } from './request.ts';

interface OfBaseline {
  readonly name: string;
  readonly attribution: Attribution;
  readonly milliseconds: number;
}

/** Attributions of one input from several baselines, and their mean as one result. */
export interface KeptBaselines {
  readonly scene: OpenScene;
  readonly chips: readonly Chip[];
  readonly question: Question;
  readonly results: readonly OfBaseline[];
  readonly failures: BaselineSet['failures'];
}

const MILLISECONDS_BETWEEN_PARTS = 200;

/** Explains from each baseline in turn. One that cannot be used does not stop the others. */
export async function compareBaselines(
  question: Question,
  names: readonly string[],
  signal: AbortSignal,
  onPart: (kept: KeptBaselines) => void,
): Promise<KeptBaselines> {
  const { scene, chips } = await sceneOf(question, signal);
  const chosen = methodOf(question.method);
  const method = chosen.takes.baseline === 'none' || chosen.takes.layer ? methodOf('integrated-gradients') : chosen;
  const params = method === chosen ? question.params : {};
  const results: OfBaseline[] = [];
  const failures: { name: string; message: string }[] = [];
  let lastPart = performance.now();
  for (const name of names) {
    const started = performance.now();
    try {
      const request = await requestOf({ ...question, baseline: name, params }, method, scene.model, scene.row);
      const attribution = await scene.model.explain(scene.row.prepared, { ...request, signal });
      results.push({ name, attribution, milliseconds: performance.now() - started });
    } catch (error) {
      const failure = failureOf(error);
      if (failure.code === 'CANCELLED') throw error;
      failures.push({ name, message: failure.message });
    }
    if (performance.now() - lastPart > MILLISECONDS_BETWEEN_PARTS && results.length > 0) {
      onPart({ scene, chips, question, results, failures });
      lastPart = performance.now();
    }
  }
  return { scene, chips, question, results, failures };
}

/** All pictures on one scale. */
export function drawBaselines(kept: KeptBaselines, look: Look): BaselineSet {
  const { scene, results, failures } = kept;
  const limit = results.reduce((most, { attribution }) => Math.max(most, limitOf(attribution, scene, look)), 0);
  const shared = { look, ...(limit > 0 && { limit }) };
  const mean = results.length > 1 ? meanOf(results) : null;
  return {
    limit,
    failures,
    results: results.map(({ name, attribution, milliseconds }) => ({
      name,
      badge: badgeOf(attribution, milliseconds),
      picture: draw(attribution, scene, { ...shared, title: name }),
    })),
    average: mean === null ? null : draw(mean, scene, { ...shared, title: 'Average' }),
    spread:
      mean === null
        ? null
        : draw(spreadOf(results, mean), scene, {
            ...shared,
            look: { ...look, view: 'absolute', top: 100 },
            title: 'Spread',
          }),
  };
}

/** The mean over the baselines, as a result that can be saved. */
export function averageResult({ scene, chips, question, results }: KeptBaselines): Result | null {
  if (results.length === 0) return null;
  const milliseconds = results.reduce((sum, each) => sum + each.milliseconds, 0);
  return { scene, chips, question, attribution: meanOf(results), milliseconds };
}

function limitOf(attribution: Attribution, scene: Scene, look: Look): number {
  const probe = probeOf(attribution, scene, { ...look, top: 100 });
  return colourRange(probe.values, { clipPercentile: probe.kind === 'map' ? look.clip : 100 }).limit;
}

function meanOf(results: readonly OfBaseline[]): Attribution {
  const list = results.map(({ attribution }) => attribution);
  const [first] = list as [Attribution, ...Attribution[]];
  const share = 1 / list.length;
  const average = (of: (a: Attribution) => readonly number[] | null): number[] | null => {
    const values = list.map((each) => of(each)?.[0]);
    return values.some((value) => value === undefined)
      ? null
      : [values.reduce<number>((sum, v) => sum + share * (v ?? 0), 0)];
  };
  const delta = average((a) => a.convergenceDelta);
  const atBaseline = average((a) => a.outputAtBaseline);
  const change = atBaseline === null ? null : (first.outputAtInput[0] ?? 0) - (atBaseline[0] ?? 0);
  return {
    ...first,
    params: { ...first.params, baselines: results.map(({ name }) => name).join('; ') },
    attributions: combine(list, (values) => values.reduce((sum, value) => sum + share * value, 0)),
    outputAtBaseline: atBaseline,
    convergenceDelta: delta,
    relativeDelta:
      delta === null || change === null ? null : [change === 0 ? null : (delta[0] ?? 0) / Math.abs(change)],
    error: null,
    errorMet: null,
    cancellation: null,
    evaluations: {
      forward: list.reduce((sum, { evaluations }) => sum + evaluations.forward, 0),
      gradient: list.reduce((sum, { evaluations }) => sum + evaluations.gradient, 0),
    },
  };
}

/** Standard deviation of each feature over the baselines. */
function spreadOf(results: readonly OfBaseline[], mean: Attribution): Attribution {
  const list = results.map(({ attribution }) => attribution);
  return {
    ...mean,
    convergenceDelta: null,
    relativeDelta: null,
    attributions: combine(list, (values) => {
      const middle = values.reduce((sum, value) => sum + value, 0) / values.length;
      return Math.sqrt(values.reduce((sum, value) => sum + (value - middle) ** 2, 0) / values.length);
    }),
  };
}

function combine(
  list: readonly Attribution[],
  of: (values: readonly number[]) => number,
): Readonly<Record<string, Tensor>> {
  const [first] = list;
  return Object.fromEntries(
    Object.entries(first?.attributions ?? {}).map(([name, tensor]): [string, Tensor] => {
      const all = list.map(({ attributions }) => toFloat64((attributions[name] as Tensor).data));
      const data = Float64Array.from(tensor.data, (_: number | bigint, i: number) =>
        of(all.map((values) => values[i] as number)),
      );
      return [name, { ...tensor, data }];
    }),
  );
}
