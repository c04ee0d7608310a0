import { isFloat, sizeOf, toFloat64, type Tensor } from '@pathwise/model';
import { differentiate, inputKind, type Attrs, type Graph, type OpDef } from '@pathwise/graph';
import { lowerGraph, ops, referenceEngine } from '../src/index.ts';
import { isShape } from './generators/generated-case.ts';

/** Relative error of the best central difference in float64 of a smooth function: about (1e-16)^(2/3), with margin. */
export const GRADIENT_TOLERANCE = 1e-6;

export interface GradientCheck {
  /** The derivative along a random direction from the gradient graph, and by central differences. */
  readonly analytic: number;
  readonly numeric: number;
  /** Largest |dF/dx_i * direction_i| summed: the scale of rounding. */
  readonly scale: number;
}

/**
 * A one-node graph of `op` with random inputs, lowered where the op has no gradient of its own, and as it is in
 * `forward`; constants stay as given.
 */
export function singleNode(
  op: OpDef,
  attrs: Attrs,
  inputs: readonly (readonly number[] | Tensor | null)[],
  draw: () => number,
  outputCount = 1,
): { graph: Graph; forward: Graph; feeds: Record<string, Tensor>; wrt: string[] } {
  const b = ops.builder();
  const feeds: Record<string, Tensor> = {};
  const wrt: string[] = [];
  const refs = inputs.map((input, i) => {
    if (input === null) return null;
    if (!isShape(input)) return b.constant(input, `c${i}`);
    const name = b.input(`x${i}`, input);
    feeds[name] = { dtype: 'float32', shape: input, data: Float64Array.from({ length: sizeOf(input) }, draw) };
    if (inputKind(op, i) === 'differentiable') wrt.push(name);
    return name;
  });
  const outputs = Array.from({ length: outputCount }, (_, i) => `y${i}`);
  b.apply(op.name, refs, attrs, { outputs });
  const forward = b.build(outputs);
  return { graph: lowerGraph(forward), forward, feeds, wrt };
}

/**
 * Compares <c, J d> for random cotangents c and a random direction d with central differences in float64.
 * Steps shrink with the values; the best of three is taken, so that truncation and rounding are both small.
 */
export async function checkGradient(
  { graph, forward, feeds, wrt }: ReturnType<typeof singleNode>,
  draw: () => number,
): Promise<GradientCheck> {
  const floats = graph.outputs.filter((name) => isFloat(graph.types.get(name)!.dtype));
  const { graph: full, seeds, gradients } = differentiate(graph, { targets: floats, wrt, ops });
  const cotangents = Object.fromEntries(
    [...seeds].map(([target, seed]) => {
      const { shape, dtype } = graph.types.get(target)!;
      return [seed, { dtype, shape, data: Float64Array.from({ length: sizeOf(shape) }, draw) }];
    }),
  );
  const directions = Object.fromEntries(
    wrt.map((name) => [name, Float64Array.from(feeds[name].data as Float64Array, draw)]),
  );
  const engine = await referenceEngine.load(full);
  const oracle = await referenceEngine.load(forward);
  const wanted = [...gradients.values()].filter((g) => g !== null);
  const dx = await engine.run({ ...feeds, ...cotangents }, wanted);
  let analytic = 0;
  let scale = 0;
  for (const name of wrt) {
    const gradient = gradients.get(name);
    if (gradient === null || gradient === undefined) continue;
    const g = toFloat64(dx[gradient].data);
    for (let i = 0; i < g.length; i++) {
      analytic += g[i] * directions[name][i];
      scale += Math.abs(g[i] * directions[name][i]);
    }
  }
  const at = async (step: number): Promise<number> => {
    const moved = Object.fromEntries(
      Object.entries(feeds).map(([name, t]) => {
        const d = directions[name];
        return [name, d === undefined ? t : { ...t, data: (t.data as Float64Array).map((v, i) => v + step * d[i]) }];
      }),
    );
    const y = await oracle.run(moved, floats);
    let sum = 0;
    for (const name of floats) {
      const c = cotangents[seeds.get(name)!].data as Float64Array;
      toFloat64(y[name].data).forEach((v, i) => (sum += v * c[i]));
    }
    return sum;
  };
  let numeric = NaN;
  for (const step of [1e-4, 1e-5, 1e-6]) {
    const estimate = ((await at(step)) - (await at(-step))) / (2 * step);
    if (!(Math.abs(estimate - analytic) >= Math.abs(numeric - analytic))) numeric = estimate;
  }
  return { analytic, numeric, scale: Math.max(scale, Math.abs(numeric)) };
}
