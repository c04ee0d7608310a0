import { float64, toFloat64, type Attribution, type Feeds, type Tensor } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel, type ToyModel } from '../../model/testing/toy-model.ts';
import { attribute, methods, type AttributionRequest, type Method } from '../src/index.ts';

const OPTIONS = {
  inputs: { x: [2, 2], c: 1 },
  tensors: { z: ['x0+2*x1-x2', 'x3-x1', 'x2+0.5'], h: ['relu(z0)', 'tanh(z1)', 'abs(z2)'] },
  outputs: ['h0*h1+c0*h2', 'h0-h1+h2*h2'],
};
const fresh = (): ToyModel => toyModel(OPTIONS);
const ROWS = [
  [1, 2, -1, 0.5],
  [-0.5, 0.25, 3, 1],
  [0, 1, 1, -2],
  [2, 2, 2, 2],
  [0.1, -0.7, 0.3, 0.9],
];
const BASELINE = [0.25, -0.5, 0, 1];

const inputsOf = (rows: number[][]): Feeds => ({
  x: float64([rows.length, 2, 2], rows.flat()),
  c: float64([1, 1], [1.5]),
});

/** All that a method takes, so that every part of it runs. */
function requestFor({ takes }: Method, rows: number[][] = ROWS): AttributionRequest {
  return {
    inputs: inputsOf(rows),
    constants: ['c'],
    target: 0,
    ...(takes.baseline === 'none' ? {} : { baseline: float64([2, 2], BASELINE) }),
    ...(takes.layer ? { layer: 'h' } : {}),
    ...(takes.neuron ? { neuron: '0' } : {}),
    ...(takes.quadrature === false ? {} : { steps: 11 }),
  };
}

/** Fixed and adaptive rules, where the method has them. */
function variants(method: Method): [string, AttributionRequest][] {
  const plain = requestFor(method);
  if (method.takes.quadrature === 'fixed') {
    const rules = ['left', 'midpoint', 'trapezoid', 'gauss-legendre'] as const;
    const set = { set: float64([2, 2, 2], [...BASELINE, 1, 1, 0, 0]) };
    return [
      ...rules.map((quadrature): [string, AttributionRequest] => [
        `${method.id}, ${quadrature}`,
        { ...plain, quadrature },
      ]),
      [`${method.id}, set`, { ...plain, baseline: set }],
    ];
  }
  if (method.takes.layer === 'optional') {
    const { layer: _, ...atInput } = plain;
    return [
      [method.id, atInput],
      [`${method.id}, at a layer`, plain],
    ];
  }
  if (method.takes.quadrature !== true) return [[method.id, plain]];
  const { steps: _, ...without } = plain;
  return [
    [`${method.id}, fixed`, plain],
    [`${method.id}, trapezoid`, { ...plain, quadrature: 'trapezoid', steps: 20 }],
    [`${method.id}, adaptive`, { ...without, tolerance: 0.03, maxEvaluations: 100 }],
    ...(method.takes.baseline === 'set'
      ? [
          [`${method.id}, set`, { ...plain, baseline: { set: float64([2, 2, 2], [...BASELINE, 1, 1, 0, 0]) } }] as [
            string,
            AttributionRequest,
          ],
        ]
      : []),
  ];
}

const all = methods.flatMap((method) => variants(method).map(([name, request]) => [name, method, request] as const));
const tensors = (a: Attribution): [string, Tensor][] => Object.entries(a.attributions);
const bits = (a: Attribution): Record<string, number[]> =>
  Object.fromEntries(tensors(a).map(([name, { data }]) => [name, Array.from(toFloat64(data))]));

describe('registry entries', () => {
  test.each(methods.map((m) => [m.id, m] as const))('%s', (id, method) => {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(method.summary).toMatch(/^[A-Z].*\.$/);
    expect(method.title.length).toBeGreaterThan(3);
    expect(method.reference.length).toBeGreaterThan(5);
    expect(method.needs.length).toBeGreaterThan(0);
    for (const { name, doc } of method.params) {
      expect(name).toMatch(/^[a-z][A-Za-z]*$/);
      expect(doc).toMatch(/^[A-Z].*\.$/);
    }
  });
});

describe('results', () => {
  test.each(all)('%s: shape and fields', async (_, method, request) => {
    const model = fresh();
    const a = await attribute(model, method.id, request);
    expect(a.method).toBe(method.id);
    expect(a.engine).toBe('toy');
    for (const [name, { shape, data, dtype }] of tensors(a)) {
      // Maps of activations have one channel: of a layer without positions a single number.
      const layer = method.takes.layer === 'chosen' ? [5, 1] : [5, 3];
      expect(shape).toEqual(name === 'x' ? [5, 2, 2] : layer);
      expect(dtype).toBe('float32');
      expect(toFloat64(data).every(Number.isFinite)).toBe(true);
    }
    expect(tensors(a).map(([name]) => name)).toEqual([
      request.layer !== undefined && method.takes.neuron === false ? 'h' : 'x',
    ]);
    for (const list of [a.target, a.outputAtInput]) expect(list.length).toBe(5);
    for (const list of [a.outputAtBaseline, a.convergenceDelta, a.relativeDelta, a.error, a.cancellation]) {
      expect(list?.length ?? 5).toBe(5);
    }
    expect(a.evaluations).toEqual(model.counters);
    const moving = a.outputAtBaseline !== null && a.convergenceDelta !== null;
    if (moving && a.unit === 'contribution') {
      for (const row of ROWS.keys()) {
        const sum = tensors(a).reduce(
          (s, [, t]) =>
            s +
            toFloat64(t.data)
              .subarray((row * t.data.length) / 5, ((row + 1) * t.data.length) / 5)
              .reduce((p, q) => p + q, 0),
          0,
        );
        const change = (a.outputAtInput[row] ?? NaN) - (a.outputAtBaseline?.[row] ?? NaN);
        expect(a.convergenceDelta?.[row]).toBeClose(sum - change, { atol: 1e-12 });
      }
    }
  });

  test.each(all)('%s: a row gives the same bits alone, first or last', async (_, method, request) => {
    const whole = await attribute(fresh(), method.id, request);
    const reversed = await attribute(fresh(), method.id, { ...request, inputs: inputsOf(ROWS.toReversed()) });
    for (const [name, { data }] of tensors(whole)) {
      const size = data.length / 5;
      const back = bits(reversed)[name] ?? [];
      for (const [row, values] of ROWS.entries()) {
        const mine = Array.from(toFloat64(data).subarray(row * size, (row + 1) * size));
        expect(back.slice((4 - row) * size, (5 - row) * size)).toEqual(mine);
        const alone = await attribute(fresh(), method.id, { ...request, inputs: inputsOf([values]) });
        expect(bits(alone)[name]).toEqual(mine);
      }
    }
  });

  test.each(all)('%s: the byte budget changes no bit, only how points are put together', async (_, method, request) => {
    const [wide, narrow] = [fresh(), fresh()];
    const a = await attribute(wide, method.id, request);
    // A point of the toy model counts 1000 bytes and half the budget is for points: tiles of 4.
    const b = await attribute(narrow, method.id, { ...request, maxBytes: 9000 });
    expect(bits(b)).toEqual(bits(a));
    expect(Math.max(...narrow.calls)).toBeLessThanOrEqual(4);
    expect(b.evaluations).toEqual(a.evaluations);
  });

  test.each(all)('%s: a cancelled signal ends it', async (_, method, request) => {
    await expect(attribute(fresh(), method.id, { ...request, signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    if (method.takes.quadrature === false) return;
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    const half = attribute(fresh(), method.id, { ...request, maxBytes: 9000, signal: controller.signal, onProgress });
    await expect(half).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test.each(all.filter(([, { takes, unit }]) => takes.baseline !== 'none' && unit === 'contribution'))(
    '%s: x = baseline gives zeros',
    async (_, method, request) => {
      const model = fresh();
      const rows = [BASELINE, BASELINE];
      const a = await attribute(model, method.id, {
        ...request,
        baseline: float64([2, 2], BASELINE),
        inputs: inputsOf(rows),
      });
      for (const values of Object.values(bits(a))) expect(values.every((v) => v === 0)).toBe(true);
      expect(a.convergenceDelta ?? [0, 0]).toEqual([0, 0]);
      expect(a.relativeDelta ?? [0, 0]).toEqual([0, 0]);
    },
  );
});

describe('support', () => {
  test.each(methods.flatMap((m) => m.needs.map((need) => [m.id, need, m] as const)))(
    '%s without %s fails before anything is computed',
    async (id, need, method) => {
      const model = toyModel({ ...OPTIONS, withoutCapabilities: [need] });
      await expect(attribute(model, id, requestFor(method))).rejects.toMatchObject({
        code: 'UNSUPPORTED_METHOD',
        message: `${id}: node "y" (toy): the test model lacks ${need}`,
      });
      expect(model.counters).toEqual({ forward: 0, gradient: 0 });
    },
  );
});

describe('wrong requests', () => {
  const refused: [string, string, Partial<AttributionRequest>, RegExp][] = [
    ['unknown parameter', 'gradient', { params: { wobble: 1 } }, /no parameters for parameter name, got "wobble"/],
    ['unknown parameter, listing', 'integrated-gradients', { params: { wobble: 1 } }, /one of multiplyByInputs/],
    [
      'parameter out of range',
      'layer-integrated-gradients',
      { layer: 'h', params: { rest: 'there' } },
      /input or path or baseline/,
    ],
    ['parameter of another type', 'integrated-gradients', { params: { multiplyByInputs: 1 } }, /true or false/],
    ['steps and tolerance', 'integrated-gradients', { steps: 5, tolerance: 0.1 }, /steps and tolerance exclude/],
    ['exact and steps', 'integrated-gradients', { steps: 5, exact: true }, /exclude/],
    ['exact and a rule', 'integrated-gradients', { quadrature: 'left', exact: true }, /takes no quadrature/],
    ['a tolerance for a fixed rule', 'integrated-gradients', { quadrature: 'left', tolerance: 0.1 }, /adaptive/],
    ['steps for adaptive', 'integrated-gradients', { quadrature: 'adaptive', steps: 5 }, /tolerance, not steps/],
    ['no steps at all', 'integrated-gradients', { steps: 0 }, /at least 1/],
    ['tolerance 0', 'integrated-gradients', { tolerance: 0 }, /above 0/],
    ['unknown rule', 'integrated-gradients', { quadrature: 'simpson' as 'left' }, /gauss-legendre/],
    ['standard errors of a fixed rule', 'integrated-gradients', { steps: 5, standardErrors: true }, /adaptive/],
    ['a baseline for the gradient', 'gradient', { baseline: 'zeros' }, /takes no baseline/],
    ['a layer for the gradient', 'gradient', { layer: 'h' }, /takes no layer/],
    ['a tolerance for curves', 'interior-gradients', { tolerance: 0.1 }, /takes no tolerance/],
    ['no layer', 'layer-activation', {}, /name of a tensor/],
    ['no neuron', 'neuron-gradient', { layer: 'h' }, /1 indices/],
    ['an index too large', 'gradient', { target: 2 }, /0 to 1/],
    ['too many targets', 'gradient', { target: { perRow: [0, 1] } }, /one a row \(5\)/],
    ['an index of wrong rank', 'gradient', { target: { index: [0, 1] } }, /shape \[2\]/],
    ['unknown constant', 'gradient', { constants: ['d'] }, /one of x, c/],
    ['nothing to attribute', 'gradient', { constants: ['c', 'x'] }, /no input is left/],
    ['unknown output', 'gradient', { output: 'z' }, /no output "z"/],
    ['unknown input', 'gradient', { inputs: { ...inputsOf(ROWS), d: float64([1, 1], [0]) } }, /one of x, c/],
    ['missing input', 'gradient', { inputs: { x: float64([1, 2, 2], [0, 0, 0, 0]) } }, /input "c"/],
    ['rows that differ', 'gradient', { inputs: { ...inputsOf(ROWS), c: float64([2, 1], [0, 0]) } }, /rows of "c"/],
    [
      'a baseline for an unknown input',
      'integrated-gradients',
      { baseline: { perInput: { d: 0 } } },
      /attributed input/,
    ],
    ['a negative seed', 'gradient', { seed: -1 }, /seed/],
    ['no budget', 'gradient', { maxBytes: 0 }, /maxBytes/],
    ['unknown method', 'saliency', {}, /one of .*gradient, .*input-x-gradient/],
  ];
  test.each(refused)('%s', async (_, id, part, message) => {
    const request = { inputs: inputsOf(ROWS), constants: ['c'], target: 0, ...part };
    const failed = attribute(fresh(), id, request);
    await expect(failed).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await expect(failed).rejects.toThrow(message);
  });

  // d sqrt(x0^2 + x1^2) at 0 is 0 / 0: the left rule has a node there.
  test('a gradient that is not finite names the place', async () => {
    const model = toyModel({ outputs: ['sqrt(x0*x0+x1*x1)'] });
    const failed = attribute(model, 'integrated-gradients', {
      inputs: { x: float64([1, 2], [3, 4]) },
      target: 0,
      quadrature: 'left',
      steps: 2,
    });
    await expect(failed).rejects.toMatchObject({ code: 'NON_FINITE', place: { alpha: 0, tensor: 'x' } });
  });
});

describe('counting', () => {
  test('evaluations of the fixed rules: the nodes, and one forward at each end', async () => {
    const request = { inputs: { x: float64([1, 2], [3, 4]) }, target: 0, steps: 10 };
    const count = async (more: Partial<AttributionRequest>) =>
      (await attribute(toyModel({ outputs: ['x0*x1'] }), 'integrated-gradients', { ...request, ...more })).evaluations;
    expect(await count({})).toEqual({ forward: 2, gradient: 10 });
    expect(await count({ quadrature: 'trapezoid' })).toEqual({ forward: 2, gradient: 11 });
  });

  test('a row that equals its baseline costs one forward', async () => {
    const a = await attribute(toyModel({ outputs: ['x0*x1'] }), 'integrated-gradients', {
      inputs: { x: float64([2, 2], [3, 4, 0, 0]) },
      target: 0,
      steps: 10,
    });
    expect(a.evaluations).toEqual({ forward: 3, gradient: 10 });
    expect(a.warnings).toEqual([
      { code: 'input-is-baseline', message: 'the input equals a baseline in row 1: nothing to attribute' },
    ]);
  });

  // F = x0 - x1 + relu(x0 - 0.99) / 3 at (1, 1): contributions 1 and -1, F(x) - F(x') = 0.0033.
  test('cancellation explains a large relative delta', async () => {
    const a = await attribute(toyModel({ outputs: ['x0-x1+relu(x0-0.99)/3'] }), 'integrated-gradients', {
      inputs: { x: float64([1, 2], [1, 1]) },
      target: 0,
      quadrature: 'left',
      steps: 8,
    });
    expect(a.relativeDelta).toBeClose([-1], { rtol: 1e-9 });
    expect(a.cancellation?.[0]).toBeClose(2 / (0.01 / 3), { rtol: 1e-9 });
    expect(a.warnings.map(({ code }) => code)).toContain('cancellation');
  });

  // Opposite kinks: F is 0 at both ends but the attributions are not.
  test('no change of the output: relative delta is null where the delta is not 0', async () => {
    const a = await attribute(toyModel({ outputs: ['relu(x0-0.5)-2*relu(x1-0.75)'] }), 'integrated-gradients', {
      inputs: { x: float64([1, 2], [1, 1]) },
      target: 0,
      steps: 3,
    });
    expect(a.relativeDelta).toEqual([null]);
    expect(a.warnings.map(({ code }) => code)).toContain('no-output-change');
  });

  test('progress reaches its total', async () => {
    const seen: number[][] = [];
    await attribute(toyModel({ outputs: ['relu(x0-1)*x1'] }), 'integrated-gradients', {
      inputs: { x: float64([2, 2], [3, 4, 1, 2]) },
      target: 0,
      tolerance: 0.01,
      onProgress: ({ done, total }) => seen.push([done, total]),
    });
    const [done, total] = seen.at(-1) as [number, number];
    expect(done).toBe(total);
    expect(seen.every(([d = 0, t = 0]) => d <= t)).toBe(true);
  });
});
