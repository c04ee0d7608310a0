import {
  toFloat64,
  type Params,
  type Propagation,
  type RelevancePropagation,
  type Tensor,
  type WeightedRule,
} from '@pathwise/model';
import { attribute, methodById, methods, resolveParams } from '@pathwise/attribution';
import { describe, expect, test } from 'vitest';
import { flat, golden, modelOf, objectiveOf, tensorOf, type PropagationCase } from './case-model.ts';

const TOLERANCE = { atol: 1e-12 };

/** Rules that are no methods: the method whose other parameters they share. */
const RULES_ONLY = ['lrp-flat', 'lrp-w2', 'lrp-box'];

function paramsOf({ params }: PropagationCase): Params {
  return Object.fromEntries(
    Object.entries(params).map(([name, value]) => [
      name,
      ['low', 'high'].includes(name) && typeof value === 'number' ? [value] : value,
    ]),
  );
}

/** The backward pass of a case. */
function propagationOf(c: PropagationCase): Propagation {
  const isRule = RULES_ONLY.includes(c.method);
  const method = methodById(isRule ? 'lrp-z-plus' : c.method);
  const params = resolveParams(method.id, method.params, paramsOf(c));
  const propagation = method.propagation?.(params) as Propagation;
  if (propagation.kind !== 'relevance') return propagation;
  const rule = (own: WeightedRule): WeightedRule => ({
    ...own,
    rule: c.method.slice('lrp-'.length) as WeightedRule['rule'],
    low: params['low'] as number[],
    high: params['high'] as number[],
  });
  const composite = propagation.composite.map((entry) =>
    isRule ? { ...entry, rule: rule(entry.rule as WeightedRule) } : entry,
  );
  const start = c.seed === undefined ? propagation.start : 'one';
  return { ...propagation, composite, start } satisfies RelevancePropagation;
}

/** The attribution of a case by the capability itself: also for cases that say what the output starts with. */
async function solve(c: PropagationCase): Promise<number[]> {
  const { model, input, output } = modelOf(c);
  const x = tensorOf(c.inputs[input] as number[]);
  const propagation = propagationOf(c);
  const rows = x.shape[0] as number;
  const given = c.inputs['baseline'];
  const shape = model.structure({ [input]: x }).tensor(output)?.shape ?? [];
  const from = given === undefined ? undefined : tensorOf(given);
  const request = {
    feeds: { [input]: x },
    objective: objectiveOf(c, output, shape),
    wrt: [input],
    propagation,
    ...(from === undefined ? {} : { baseline: { [input]: from } }),
  };
  const { propagated } = await model.propagate!(request);
  const values = toFloat64((propagated[input] as Tensor).data);
  if (from === undefined) return Array.from(values);
  const size = values.length / rows;
  const [to, start] = [toFloat64(x.data), toFloat64(from.data)];
  return Array.from(
    values,
    (m, i) => m * ((to[i] as number) - (start[start.length === size ? i % size : i] as number)),
  );
}

const propagated = golden.cases.filter(
  ({ method }) => RULES_ONLY.includes(method) || methods.some((m) => m.id === method && m.propagation !== undefined),
);

describe('closed forms', () => {
  test.each(
    propagated.filter(({ method }) => method !== 'deepshap').map((c) => [`${c.method}: ${c.name}`, c] as const),
  )('%s', async (_, c) => {
    expect(await solve(c)).toBeClose(flat(c.expected), TOLERANCE);
  });

  const whole = golden.cases.filter(
    ({ method, seed }) => seed === undefined && methods.some(({ id }) => id === method),
  );
  test.each(whole.map((c) => [`${c.method}: ${c.name}`, c] as const))('%s, as an attribution', async (_, c) => {
    const { model, input } = modelOf(c);
    const baseline = c.inputs['baseline'];
    const from = baseline === undefined ? undefined : tensorOf(baseline);
    const a = await attribute(model, c.method, {
      inputs: { [input]: tensorOf(c.inputs[input] as number[]) },
      target: isScalar(c) ? 'sum' : c.target,
      params: paramsOf(c),
      ...(from === undefined ? {} : { baseline: c.method === 'deepshap' ? { set: from } : from }),
      ...(c.method.includes('cam') ? { layer: input } : {}),
    });
    expect(toFloat64((a.attributions[input] as Tensor).data)).toBeClose(flat(c.expected), TOLERANCE);
  });
});

/** Rows of rank above 1 take no plain index; such cases have one element a row. */
function isScalar(c: PropagationCase): boolean {
  const { model, input, output } = modelOf(c);
  const shape = model.structure({ [input]: tensorOf(c.inputs[input] as number[]) }).tensor(output)?.shape ?? [];
  return shape.length > 2;
}

test('every case belongs to a method or a rule', () => {
  expect(golden.cases.length).toBe(92);
  const known = new Set([...methods.map(({ id }) => id), ...RULES_ONLY]);
  expect(golden.cases.filter(({ method }) => !known.has(method))).toEqual([]);
});
