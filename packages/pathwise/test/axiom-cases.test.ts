// The worked examples of layers and axioms that need a graph: those that propagate, and those of sets and coalitions. The
// others run on functions of algebra in packages/attribution/test/internals.test.ts.
import { readFileSync } from 'node:fs';
import { float64, toFloat64, type Objective, type Params, type Tensor } from '@pathwise/model';
import { attribute, methodById, type AttributionRequest } from '@pathwise/attribution';
import { graphBuilder, graphModel, referenceEngine } from '@pathwise/ops';
import { describe, expect, test } from 'vitest';
import { sharedData } from '../../model/testing/shared-data.ts';
import { axiomNetwork } from './axiom-networks.ts';

interface Case {
  readonly name: string;
  readonly method: string;
  readonly function: string;
  readonly inputs: { readonly x: number[][]; readonly baseline?: number[][]; readonly baselines?: number[][] };
  readonly params: Readonly<Record<string, number | boolean | string | number[]>>;
  readonly expected: number[][];
  readonly tolerance?: number;
}

const read = (url: URL | string): { readonly cases: Case[] } => JSON.parse(readFileSync(url, 'utf8')) as never;
const { cases } = read(new URL('golden/internals.json', import.meta.url));
const matrix = (rows: number[][]): Tensor => float64([rows.length, rows[0]?.length ?? 0], rows.flat());

/** The case's parameters in the words of the method: beta is alpha - 1 by definition, no stabilizer but the case's own. */
function paramsOf({ method, params }: Case): Params {
  const { beta: _, steps: __, exact: ___, ...own } = params;
  const takesStabilizer = method !== 'lrp-epsilon' && methodById(method).params.some((p) => p.name === 'stabilizer');
  return { ...own, ...(takesStabilizer && { stabilizer: 0 }) };
}

function requestOf(c: Case): AttributionRequest {
  const { x, baseline, baselines } = c.inputs;
  const isMap = c.method === 'grad-cam';
  return {
    inputs: { x: isMap ? float64([1, 1, 1, 2], x.flat()) : matrix(x) },
    target: 0,
    params: paramsOf(c),
    ...(isMap && { layer: 'x' }),
    ...(c.params['steps'] !== undefined && { steps: c.params['steps'] as number }),
    // Two nodes of Gauss-Legendre integrate x1 x2 on straight paths exactly.
    ...(c.params['exact'] === true && { steps: 2, quadrature: 'gauss-legendre' as const }),
    ...(baseline !== undefined && { baseline: matrix(baseline) }),
    ...(baselines !== undefined && { baseline: { set: matrix(baselines) } }),
  };
}

// The rule of the 2019 overview, x (w + gamma w+) / sum, is made for z > 0 and gives -5 at z = -0.2. Ours is the form for
// both signs (golden/propagation.json, "gamma, negative pre-activation"): at z < 0 the negative weights and biases are
// enlarged, so x1 gets 1 / (1 - 1.25 * 1.2) of -0.2.
const deviating: Readonly<Record<string, number[]>> = {
  'non-decreasing positivity: lrp-gamma of x1 - 1.2': [0.4],
};

const whole = cases.filter(({ params }) => params['rule'] !== 'forward-difference');
/** Means over a set of baselines without an error of sampling: the method that draws points is compared below. */
const methodOf = ({ method, params }: Case): string => (params['exact'] === true ? 'integrated-gradients' : method);

describe('counter-examples to axioms', () => {
  test.each(whole.map((c, i) => [`${c.name} (${i})`, c] as const))('%s', async (_, c) => {
    const model = axiomNetwork(c.function, c.method === 'grad-cam' ? [1, 1, 2] : [c.inputs.x[0]?.length ?? 1]);
    const a = await attribute(model, methodOf(c), requestOf(c));
    const expected = deviating[c.name] ?? c.expected.flat();
    expect(a.attributions['x']?.data).toBeClose(expected, { scale: c.tolerance ?? 1e-12, atol: 1e-15 });
  });

  test.each(cases.filter(({ inputs }) => inputs.baselines !== undefined).map((c) => [c.name, c] as const))(
    'expected gradients, %s: within four standard errors',
    async (_, c) => {
      const { inputs, baseline, target } = requestOf(c);
      const model = axiomNetwork(c.function, [2]);
      const params = { samples: 800, replicates: 8 };
      const a = await attribute(model, 'expected-gradients', { inputs, baseline, target, params });
      const { standardErrors = {} } = a;
      const errors = toFloat64((standardErrors['x'] as Tensor).data);
      for (const [i, value] of toFloat64((a.attributions['x'] as Tensor).data).entries()) {
        const error = errors[i] as number;
        expect(error).toBeLessThan(1e-3);
        expect(Math.abs(value - (c.expected.flat()[i] as number))).toBeLessThanOrEqual(4 * error + 1e-12);
      }
    },
  );
});

// h = (x1 x2, x3 + x1), F = h1 h2, of x1 alone. The scheme of the authors' code takes the gradient at the right end of a
// panel and a step of the region's whole share from its left end: (2, 5/4) with two panels, of which the tangents of
// layer-conductance give the limit (8/3, 2/3).
test("region: the authors' finite difference, from values and gradients of the layer", async () => {
  const [c] = cases.filter(({ params }) => params['rule'] === 'forward-difference') as [Case];
  const b = graphBuilder();
  const x = b.input('x', [1, 3]);
  const at = (i: number): string => b.slice(x, [i], [i + 1], [1]);
  const h = b.concat([b.mul(at(0), at(1)), b.add(at(2), at(0))], 1, 'h');
  const y = b.emit('ReduceProd', [h, b.ints([1])], { keepdims: 1 });
  const model = graphModel(b.build([y]), referenceEngine);
  const objective: Objective = { tensor: y, rows: [{ kind: 'linear', weights: Float64Array.of(1) }] };
  const [point] = c.inputs.x as [number[]];
  const [region, panels] = [c.params['region'] as number[], c.params['steps'] as number];
  const valuesOf = (tensor: Tensor | undefined): number[] => Array.from(toFloat64((tensor as Tensor).data));
  const layer = async (p: number[]): Promise<number[]> =>
    valuesOf((await model.forward({ x: matrix([p]) }, ['h']))['h']);
  const score = [0, 0];
  for (let k = 0; k < panels; k++) {
    const left = point.map((v) => (v * k) / panels);
    const moved = left.map((v, i) => v + ((region[i] as number) * (point[i] as number)) / panels);
    const right = matrix([point.map((v) => (v * (k + 1)) / panels)]);
    const { gradients } = await model.gradient({ feeds: { x: right }, objective, wrt: ['h'] });
    const [from, to, slope] = [await layer(left), await layer(moved), valuesOf(gradients['h'])];
    for (const j of [0, 1])
      score[j] = (score[j] as number) + (slope[j] as number) * ((to[j] as number) - (from[j] as number));
  }
  expect(score).toBeClose(c.expected.flat());
  const request = { inputs: { x: matrix(c.inputs.x) }, target: 0, layer: 'h', params: { region } };
  const exact = await attribute(model, 'layer-conductance', { ...request, quadrature: 'gauss-legendre', steps: 2 });
  expect(exact.attributions['h']?.data).toBeClose([8 / 3, 2 / 3], { rtol: 1e-12 });
});

const { path, present } = sharedData('methods');

test.skipIf(!present)('every reference case of propagation and internals is run by a test', () => {
  const golden = (url: string): readonly Case[] => read(new URL(url, import.meta.url)).cases;
  const key = ({ name, expected }: Case): string => JSON.stringify([name, expected]);
  const run = new Set(
    [...golden('golden/propagation.json'), ...cases, ...golden('../../attribution/test/golden/internals.json')].map(
      key,
    ),
  );
  for (const file of ['propagation', 'internals']) {
    const missing = read(`${path}/${file}.json`).cases.filter((c) => !run.has(key(c)));
    expect(missing.map(({ name }) => name)).toEqual([]);
  }
});
