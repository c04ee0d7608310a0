import { argumentError, PathwiseError, type Warning } from '@pathwise/model';
import type { Context } from '../context.ts';
import { evaluateFree, outputsFree } from '../evaluate/free-points.ts';
import { dot } from '../evaluate/integral.ts';
import { evaluatePoints } from '../evaluate/points.ts';
import { endsOf } from '../input-paths.ts';
import { curveSteps } from '../integration.ts';
import type { Method } from '../method.ts';
import { contributionOutcome } from '../outcome.ts';
import type { ParamSpec } from '../params.ts';
import { featureCount, isStill, type StraightPaths } from '../path.ts';
import { oneBaselinePaths } from './baseline-set.ts';
import { blurParams, blurPath } from './blur-path.ts';
import { gradientPaths } from './gradient.ts';
import { guidedParams, walkGuided } from './guided-walk.ts';

const pathNames = ['straight', 'blur', 'guided'] as const;

/** The parameters that shape a path. */
const paramsOf: Readonly<Record<(typeof pathNames)[number], readonly ParamSpec[]>> = {
  straight: [],
  blur: blurParams,
  guided: guidedParams,
};

/** What IDGI takes and claims on any path. */
const takes: Method['takes'] = { target: true, baseline: 'one', layer: false, neuron: false, quadrature: 'steps' };
const claims: Method['claims'] = ['completeness', 'dummy', 'symmetry', 'implementation-invariance'];

/** A path of blurred inputs starts at no baseline, and mixes each feature with its neighbours. */
const onBlurredPath: ReturnType<NonNullable<Method['variant']>> = {
  takes: { ...takes, baseline: 'none' },
  claims: claims.filter((axiom) => axiom !== 'symmetry'),
};

/**
 * Important-direction gradient integration: each step's change of F along a path is shared among the features by their
 * squared gradients at the step's start, A_i = sum over steps of (F(k+1) - F(k)) g_i^2 / |g|^2. Where that gradient is
 * zero, the one at the step's end is taken (ours); where both are, the change is left out and shows in the delta.
 *
 * @source Yang, Wang, Bilgic 2023, arXiv:2303.14242
 */
export const idgi: Method = {
  id: 'idgi',
  title: 'IDGI',
  summary: 'The change of the target along the path, shared among the features by their squared gradients.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes,
  params: [
    {
      name: 'path',
      type: 'choice',
      default: 'straight',
      choices: pathNames,
      doc: 'From the baseline straight or guided by small gradients, or from a blurred copy of the input.',
    },
    ...blurParams.map((spec) => ({ ...spec, doc: `Path blur. ${spec.doc}` })),
    ...guidedParams.map((spec) => ({ ...spec, doc: `Path guided. ${spec.doc}` })),
  ],
  unit: 'contribution',
  telescopes: true,
  claims,
  variant: ({ path }) => (path === 'blur' ? onBlurredPath : {}),
  reference: 'Yang, Wang, Bilgic 2023, arXiv:2303.14242',
  async attribute(context) {
    const { evaluation, method, outputAtInput, params, request } = context;
    const steps = curveSteps(method, request.steps);
    const name = params['path'] as (typeof pathNames)[number];
    refuseOthers(context, name);
    const walk = { straight: walkStraight, blur: walkBlur, guided: walkGuide }[name];
    const { paths, from, points } = await walk(context, steps);
    const size = featureCount(paths);
    const attributions = outputAtInput.map(() => new Float64Array(size));
    const lost = new Set<number>();
    const share = (row: number, change: number, gradient: ArrayLike<number>): boolean => {
      if (change === 0) return true;
      const norm = dot(gradient, gradient);
      for (let i = 0; norm > 0 && i < size; i++) attributions[row][i] += (change * gradient[i] * gradient[i]) / norm;
      return norm > 0;
    };
    /** Where the step that a row is on began. */
    const starts = new Map<number, Start>();
    const open: { readonly row: number; readonly change: number }[] = [];
    const end = (row: number, { output, gradient }: Start): void => {
      const change = outputAtInput[row] - output;
      if (!share(row, change, gradient)) open.push({ row, change });
    };
    await points((row, value, gradient, isLast) => {
      const before = starts.get(row);
      const output = before === undefined ? from[row] : value;
      if (before !== undefined && !share(row, output - before.output, before.gradient)) {
        if (!share(row, output - before.output, gradient)) lost.add(row);
      }
      if (isLast) {
        end(row, { output, gradient });
        starts.delete(row);
      } else starts.set(row, { output, gradient: Float64Array.from(gradient) });
    });
    const inputs = open.map(({ row }) => ({ path: row, alpha: 1 }));
    await evaluatePoints(paths, inputs, evaluation, (i, _, gradient) => {
      const { row, change } = open[i];
      if (!share(row, change, gradient)) lost.add(row);
    });
    return {
      ...contributionOutcome(context, paths, attributions, [...from]),
      warnings: lost.size === 0 ? [] : [zeroGradient([...lost])],
    };
  },
};

/** F and its gradient where a step begins. */
interface Start {
  readonly output: number;
  readonly gradient: ArrayLike<number>;
}

/** A path of every row from where F is `from`. */
interface Walk {
  readonly paths: StraightPaths;
  readonly from: ArrayLike<number> & Iterable<number>;
  /** F and its gradient at the starts of all steps, in the order of each row's path; none of a row that does not move. */
  points(visit: (row: number, output: number, gradient: ArrayLike<number>, isLast: boolean) => void): Promise<unknown>;
}

async function walkStraight(context: Context, steps: number): Promise<Walk> {
  const { evaluation, outputAtInput, rows, target } = context;
  const path = await oneBaselinePaths(context, target.objective);
  const { paths } = path;
  const { from } = await endsOf(context, path, outputAtInput);
  const moving = Array.from({ length: rows }, (_, row) => row).filter((row) => !isStill(paths, row));
  const points = moving.flatMap((row) => Array.from({ length: steps }, (_, k) => ({ path: row, alpha: k / steps })));
  return {
    paths,
    from,
    points: (visit) =>
      evaluatePoints(paths, points, evaluation, (i, output, gradient) => {
        visit(points[i].path, output, gradient, i % steps === steps - 1);
        evaluation.onProgress?.({ phase: 'path', done: i + 1, total: points.length });
      }),
  };
}

async function walkBlur(context: Context, steps: number): Promise<Walk> {
  const { evaluation, method, request, rows, target } = context;
  if (request.baseline !== undefined) {
    const message = `${method}: path blur starts at a blurred copy of the input and takes no baseline. Leave it out`;
    throw new PathwiseError('BAD_ARGUMENT', message);
  }
  const { blurred, sigmaAt } = blurPath(context, steps);
  const paths = await gradientPaths(context, target.objective);
  const startAt = (row: number) => ({ path: row, values: blurred(row, sigmaAt(steps)) });
  const from = await outputsFree(paths, rows, startAt, evaluation);
  const total = rows * steps;
  const rowOf = (i: number): number => Math.floor(i / steps);
  const pointAt = (i: number) => ({ path: rowOf(i), values: blurred(rowOf(i), sigmaAt(steps - (i % steps))) });
  return {
    paths,
    from,
    points: (visit) =>
      evaluateFree(paths, total, pointAt, evaluation, (i, output, gradient) => {
        visit(rowOf(i), output, gradient, i % steps === steps - 1);
        evaluation.onProgress?.({ phase: 'path', done: i + 1, total });
      }),
  };
}

async function walkGuide(context: Context, steps: number): Promise<Walk> {
  const { outputAtInput, params, target } = context;
  const path = await oneBaselinePaths(context, target.objective);
  const { paths } = path;
  const { from } = await endsOf(context, path, outputAtInput);
  return {
    paths,
    from,
    points: (visit) =>
      walkGuided(context, paths, params, steps, ({ row, output, gradient, isLast }) =>
        visit(row, output, gradient, isLast),
      ),
  };
}

/** Parameters of other paths would go unheard. */
function refuseOthers({ method, params }: Context, name: (typeof pathNames)[number]): void {
  for (const other of pathNames) {
    if (other === name) continue;
    const set = paramsOf[other].find((spec) => String(params[spec.name]) !== String(spec.default));
    if (set === undefined) continue;
    const expected = `its default with path ${name}: it shapes the path ${other}`;
    throw argumentError(method, `parameter ${set.name}`, expected, params[set.name]);
  }
}

function zeroGradient(rows: readonly number[]): Warning {
  const message =
    `in row ${rows.join(', ')} the target changes in a step with zero gradients at both ends; ` +
    'that change is in no attribution. Raise steps';
  return { code: 'zero-gradient', message };
}
