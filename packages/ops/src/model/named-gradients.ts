import { sizeOf, toFloat64, type Outputs } from '@pathwise/model';
import { typeOf, type Graph } from '@pathwise/graph';
import { graphWith } from './unrolled.ts';

/** The results of a derived graph by the names of the tensors that they belong to; zeros for those that have none. */
export function namedGradients(
  { gradients }: { readonly gradients: ReadonlyMap<string, string | null> },
  graph: Graph,
  outputs: Outputs,
  rows: number,
): Outputs {
  const named: Outputs = {};
  for (const [tensor, gradient] of gradients) {
    const { shape, dtype } = typeOf(graphWith(graph, [tensor]), tensor);
    const stacked = shape[0] === 1 ? [rows, ...shape.slice(1)] : [rows, ...shape];
    const value = gradient === null ? undefined : outputs[gradient];
    named[tensor] = {
      dtype,
      shape: stacked,
      data: value === undefined ? new Float64Array(sizeOf(stacked)) : toFloat64(value.data),
    };
  }
  return named;
}
