import { isFloat, sizeOf, toFloat64, type Propagation, type RelevancePropagation, type Tensor } from '@pathwise/model';
import { inputKind, type Graph, type OpDef, type OpExample } from '@pathwise/graph';
import { ops, propagatedGraph, referenceEngine } from '../src/index.ts';
import { isShape } from './generators/generated-case.ts';

/** LRP-0: nothing is absorbed but by biases. */
export const LRP_ZERO: RelevancePropagation = {
  kind: 'relevance',
  composite: [],
  stabilizer: 0,
  start: 'one',
  add: 'epsilon',
  mul: 'gate-aware',
  norm: 'detach',
  attention: 'bilinear',
};

/** DeepLIFT with either rule. */
export function deepLift(rule: 'rescale' | 'reveal-cancel'): Propagation {
  return { kind: 'deep-lift', rule, rescaleAfter: [], pool: 'cross', nearZero: null };
}

/** One op with some of its inputs moving. */
export interface RelevanceCase {
  readonly graph: Graph;
  readonly inputs: readonly string[];
  readonly wrt: readonly string[];
  readonly targets: readonly string[];
}

/** The graph of one example: inputs x0, x1, … for shapes, constants as given; floats among the outputs are targets. */
export function caseOf(op: OpDef, example: OpExample, moving: readonly number[]): RelevanceCase {
  const b = ops.builder();
  const inputs: string[] = [];
  const refs = example.inputs.map((input, i) => {
    if (input === null) return null;
    if (!isShape(input)) return b.constant(input, `c${i}`);
    inputs.push(b.input(`x${i}`, input));
    return `x${i}`;
  });
  const outputs = Array.from({ length: example.outputs ?? 1 }, (_, i) => `y${i}`);
  b.apply(op.name, refs, example.attrs ?? {}, { outputs });
  const graph = b.build(outputs);
  const targets = outputs.filter((name) => isFloat(b.type(name).dtype));
  return { graph, inputs, wrt: moving.map((i) => `x${i}`), targets };
}

/** The sets of inputs of an example that can move: each alone, and all together. */
export function movingSets(op: OpDef, { inputs }: OpExample): number[][] {
  const opens = (i: number): boolean => inputKind(op, i) === 'differentiable' || (op.relevance === 'unary' && i === 0);
  const free = inputs.flatMap((input, i) => (isShape(input) && opens(i) ? [i] : []));
  const alone = free.map((i) => [i]);
  return free.length > 1 ? [...alone, free.slice(0, 2), ...(free.length > 2 ? [free] : [])] : alone;
}

/** Values of tensors for given feeds. */
export async function valuesOf(
  graph: Graph,
  feeds: Readonly<Record<string, Float64Array>>,
  wanted: readonly string[],
): Promise<Record<string, Float64Array>> {
  const engine = await referenceEngine.load(graph);
  const given: Record<string, Tensor> = Object.fromEntries(
    Object.entries(feeds)
      .filter(([name]) => graph.inputs.includes(name))
      .map(([name, data]) => [name, { ...graph.types.get(name)!, data }]),
  );
  const outputs = await engine.run(given, wanted);
  engine.dispose();
  return Object.fromEntries(wanted.map((name) => [name, toFloat64(outputs[name].data)]));
}

/** What a propagation gives each moving input, and the target at the input and the baseline. */
export async function propagateCase(
  { graph, inputs, wrt }: RelevanceCase,
  propagation: Propagation,
  target: string,
  { at, from, seed }: { at: Record<string, Float64Array>; from: Record<string, Float64Array>; seed: Float64Array },
): Promise<{ values: Record<string, Float64Array>; y1: Float64Array; y0: Float64Array }> {
  const derived = propagatedGraph(graph, { fed: inputs, target, wrt, propagation, nearZero: 1e-10 });
  const feeds: Record<string, Float64Array> = { ...at, [derived.seeds.get(target)!]: seed };
  for (const [tensor, name] of derived.baselines) feeds[name] = from[tensor];
  const present = wrt.filter((name) => derived.gradients.get(name) !== null);
  const names = present.map((name) => derived.gradients.get(name)!);
  const twin = derived.targetAtBaseline ?? target;
  const results = await valuesOf(derived.graph, feeds, [...new Set([target, twin, ...names])]);
  const zero = (name: string): Float64Array => new Float64Array(sizeOf(graph.types.get(name)!.shape));
  const values = Object.fromEntries(
    wrt.map((name) => [name, present.includes(name) ? results[derived.gradients.get(name)!] : zero(name)]),
  );
  return { values, y1: results[target], y0: results[twin] };
}
