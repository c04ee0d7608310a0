import { isFloat, toFloat64, type Tensor } from '@pathwise/model';
import { differentiate, inputKind, type Attrs } from '@pathwise/graph';
import { lowerGraph, ops, referenceEngine } from '../src/index.ts';

/**
 * The gradient of one op at given inputs, for given cotangents of its outputs (default: ones), by input; null for
 * inputs that never have one.
 */
export async function gradientAt(
  opName: string,
  inputs: readonly (Tensor | null)[],
  attrs: Attrs = {},
  cotangents: readonly ArrayLike<number>[] = [],
): Promise<(Float64Array | null)[]> {
  const op = ops.get(opName)!;
  const b = ops.builder();
  const feeds: Record<string, Tensor> = {};
  const wrt: string[] = [];
  const refs = inputs.map((value, i) => {
    if (value === null) return null;
    if (inputKind(op, i) !== 'differentiable' || !isFloat(value.dtype)) return b.constant(value);
    const name = b.input(`x${i}`, value.shape, value.dtype);
    feeds[name] = value;
    wrt.push(name);
    return name;
  });
  const outputs = b.apply(opName, refs, attrs, {
    outputs: Array.from({ length: Math.max(1, cotangents.length) }, (_, i) => `y${i}`),
  });
  const graph = lowerGraph(b.build(outputs));
  const { graph: full, seeds, gradients } = differentiate(graph, { targets: outputs, wrt, ops });
  for (const [i, output] of outputs.entries()) {
    const { dtype, shape } = graph.types.get(output)!;
    const size = shape.reduce((product, d) => product * d, 1);
    const given = cotangents[i];
    feeds[seeds.get(output)!] = {
      dtype,
      shape,
      data: given === undefined ? new Float64Array(size).fill(1) : Float64Array.from(given),
    };
  }
  const engine = await referenceEngine.load(full);
  const results = await engine.run(
    feeds,
    wrt.map((name) => gradients.get(name)!),
  );
  return inputs.map((_, i) => (wrt.includes(`x${i}`) ? toFloat64(results[gradients.get(`x${i}`)!].data) : null));
}
