import { readFileSync } from 'node:fs';
import { float64, int64, type Attribution, type Feeds, type Target } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../src/index.ts';

interface Case {
  readonly name: string;
  readonly method: string;
  readonly outputs: readonly string[];
  readonly inputs: Readonly<Record<string, number[] & number[][]>>;
  readonly params: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, number[] & number>>;
  readonly tolerance: number;
}
const golden = JSON.parse(readFileSync(new URL('golden/paths.json', import.meta.url), 'utf8')) as { cases: Case[] };
const byName = (name: string): Case => golden.cases.find((c) => c.name === name) as Case;

const SUM_OF_SQUARES: Target = (y: Float64Array) => ({
  value: y.reduce((sum, v) => sum + v * v, 0),
  gradient: y.map((v) => 2 * v),
});

/** A case's parameters as a request; its functions have one input x. */
function requestOf({ method, inputs, params }: Case): AttributionRequest {
  const rows = (values: number[] & number[][]): number[][] => (Array.isArray(values[0]) ? values : [values]);
  const matrix = (values: number[] & number[][]) =>
    float64([rows(values).length, rows(values)[0]?.length ?? 0], rows(values).flat());
  const { target, quadrature, steps, exact, multiplyByInputs, alphas } = params;
  const probability = typeof target === 'object' && target !== null && 'probability' in target;
  return {
    inputs: { x: matrix(inputs['x']) },
    target: probability ? 0 : targetOf(target, rows(inputs['x']).length),
    ...(probability ? { scale: 'probability' as const } : {}),
    ...(inputs['baseline'] === undefined || method === 'gradient' || method === 'input-x-gradient'
      ? {}
      : { baseline: matrix(inputs['baseline']) }),
    ...(inputs['baselines'] === undefined ? {} : { baseline: { set: matrix(inputs['baselines']) } }),
    ...(steps === undefined ? {} : { steps: steps as number }),
    ...(exact === undefined ? {} : { exact: true }),
    ...(quadrature === undefined ? {} : { quadrature: quadrature as 'left' }),
    ...(multiplyByInputs === undefined ? {} : { params: { multiplyByInputs: false } }),
    ...(alphas === undefined ? {} : { params: { alphas: alphas as number[] } }),
  };
}

function targetOf(target: unknown, rows: number): Target {
  if (typeof target === 'string' && target.startsWith('callback')) return SUM_OF_SQUARES;
  if (Array.isArray(target) && rows > 1) return { perRow: target as number[] };
  return target as Target;
}

const values = (a: Attribution, name = 'x'): number[] => Array.from(a.attributions[name]?.data ?? [], Number);
const scaleOf = (expected: number[]): number => Math.max(1, ...expected.flat().map(Math.abs));

const SPECIAL = new Set([
  'two inputs',
  'two inputs, b declared constant',
  'embedding lookup',
  'sequential IG',
  'relu at zero',
]);
const plain = golden.cases.filter(
  ({ name, method }) => /gradient/.test(method) && method !== 'interior-gradients' && !SPECIAL.has(name),
);

describe('closed-form cases', () => {
  test.each(plain)('$method: $name', async (c) => {
    const a = await attribute(toyModel({ outputs: c.outputs }), c.method, requestOf(c));
    const atol = c.tolerance * scaleOf(c.expected['attributions'] ?? []);
    expect(values(a)).toBeClose((c.expected['attributions'] ?? []).flat(), { atol });
    const delta = c.expected['convergenceDelta'];
    if (delta !== undefined && a.convergenceDelta !== null) {
      expect(a.convergenceDelta).toBeClose([delta].flat(), { atol: Math.max(atol, 1e-12) });
    }
    for (const [key, wrong] of Object.entries(c.expected)) {
      if (key.startsWith('wrongIf')) expect(values(a)).not.toBeClose(wrong, { atol: 1e-3 });
    }
    if (c.expected['perBaseline'] !== undefined) {
      const each = a.perBaseline?.map((part) => Array.from(part['x']?.data ?? [], Number));
      expect(each).toEqual(c.expected['perBaseline']);
      expect(a.outputAtBaseline).toBeClose([c.expected['outputAtBaseline'] as number]);
    }
  });

  test('relu at zero: one result per target', async () => {
    const { outputs, expected } = byName('relu at zero');
    for (const target of [0, 1]) {
      const a = await attribute(toyModel({ outputs }), 'gradient', { inputs: { x: float64([1, 1], [0]) }, target });
      expect(values(a)).toEqual(expected['attributions']?.[target]);
    }
  });

  const twoInputs: Feeds = { a: float64([1, 1], [2]), b: float64([1, 1], [3]) };

  test('two inputs move at once', async () => {
    const { outputs, expected } = byName('two inputs');
    const a = await attribute(toyModel({ inputs: { a: 1, b: 1 }, outputs }), 'integrated-gradients', {
      inputs: twoInputs,
      baseline: { perInput: { b: 1 } },
      target: 0,
      quadrature: 'gauss-legendre',
      steps: 2,
    });
    expect(values(a, 'a')).toBeClose(expected['attributions a'] ?? [], { atol: 1e-12 });
    expect(values(a, 'b')).toBeClose(expected['attributions b'] ?? [], { atol: 1e-12 });
    expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
  });

  test('two inputs, b declared constant', async () => {
    const { outputs, expected } = byName('two inputs, b declared constant');
    const a = await attribute(toyModel({ inputs: { a: 1, b: 1 }, outputs }), 'integrated-gradients', {
      inputs: twoInputs,
      constants: ['b'],
      target: 0,
      steps: 2,
    });
    expect(values(a, 'a')).toBeClose(expected['attributions a'] ?? [], { atol: 1e-12 });
    expect(Object.keys(a.attributions)).toEqual(['a']);
    expect(a.outputAtBaseline).toEqual([0]);
  });

  test('embedding lookup: ids are attributed at their vectors', async () => {
    const { outputs, inputs, expected } = byName('embedding lookup');
    const params = byName('embedding lookup').params;
    const table = (inputs['embeddingTable'] ?? params['embeddingTable']) as number[][];
    const ids = (inputs['ids'] ?? params['ids']) as number[];
    const toE = outputs.map((o) => o.replaceAll('x', 'e'));
    const model = toyModel({ embeddings: { ids: { table, tokens: 2, output: 'e' } }, outputs: toE });
    const request = { inputs: { ids: int64([1, 2], ids) }, target: 0, quadrature: 'midpoint', steps: 1 } as const;
    for (const baseline of [
      int64([1, 2], [0, 0]),
      int64([2], [0, 0]),
      { id: 0 },
      'zeros',
      float64([2, 2], [0, 0, 0, 0]),
    ] as const) {
      const a = await attribute(model, 'integrated-gradients', { ...request, baseline });
      expect(a.attributions['e']?.shape).toEqual([1, 2, 2]);
      expect(values(a, 'e')).toBeClose((expected['attributions'] ?? []).flat(), { atol: 1e-12 });
      expect(a.convergenceDelta).toBeClose([0], { atol: 1e-12 });
    }
    const kept = await attribute(model, 'integrated-gradients', { ...request, baseline: { id: 0, keep: [1] } });
    expect(values(kept, 'e').slice(0, 2)).toEqual([0, 0]);
  });
});
