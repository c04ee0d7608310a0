import { toFloat64, type Shape, type Tensor } from '@pathwise/model';
import { differentiate, type Attrs } from '@pathwise/graph';
import { graphBuilder, lowerGraph, ops, referenceEngine } from '../src/index.ts';

export interface Evaluated {
  readonly shape: Shape;
  readonly dtype: string;
  readonly data: Float64Array;
}

/** The outputs of one op on constants, as folding while building gives them. */
export function evaluateOp(
  op: string,
  inputs: readonly (Tensor | null)[],
  attrs: Attrs = {},
  outputs = 1,
): Evaluated[] {
  const b = graphBuilder();
  const refs = inputs.map((value) => (value === null ? null : b.constant(value)));
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  return b.apply(op, refs, attrs, { outputs: names }).map((name) => {
    const value = b.constantOf(name)!;
    return { shape: value.shape, dtype: value.dtype, data: toFloat64(value.data) };
  });
}

/** The cotangents of the inputs `wrt` of one op, for the cotangent `dy` of its first output. */
export async function gradientOp(
  op: string,
  inputs: readonly (Tensor | null)[],
  dy: Tensor,
  wrt: readonly number[] = [0],
  attrs: Attrs = {},
  outputs = 1,
): Promise<Float64Array[]> {
  const b = graphBuilder();
  const feeds: Record<string, Tensor> = {};
  const refs = inputs.map((value, i) => {
    if (value === null) return null;
    if (!wrt.includes(i)) return b.constant(value);
    feeds[`x${i}`] = value;
    return b.input(`x${i}`, value.shape);
  });
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  const [y] = b.apply(op, refs, attrs, { outputs: names });
  const derived = differentiate(lowerGraph(b.build([y])), { targets: [y], wrt: wrt.map((i) => `x${i}`), ops });
  const engine = await referenceEngine.load(derived.graph);
  const gradients = wrt.map((i) => derived.gradients.get(`x${i}`)!);
  const result = await engine.run({ ...feeds, [derived.seeds.get(y)!]: dy }, gradients);
  return gradients.map((name) => toFloat64(result[name].data));
}
