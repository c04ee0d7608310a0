import { descendants, type Graph } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';

/** The forward pass a second time, at the baseline. */
export interface Twin {
  /** Tensor of `wrt` -> the input that takes its value at the baseline. */
  readonly inputs: ReadonlyMap<string, string>;
  /** A tensor at the baseline; the tensor itself where it does not depend on `wrt`. */
  at(tensor: string): string;
}

/** Emits what depends on `wrt` again, with new inputs for `wrt`; everything else is shared. */
export function emitTwin(b: OpBuilder, graph: Graph, wrt: readonly string[]): Twin {
  const moved = descendants(graph, wrt);
  const names = new Map<string, string>();
  const inputs = new Map<string, string>();
  const at = (tensor: string): string => names.get(tensor) ?? tensor;
  for (const tensor of wrt) {
    const { shape, dtype } = b.type(tensor);
    const name = b.input(b.freshName(`baseline.${tensor}`), shape, dtype);
    inputs.set(tensor, name);
    names.set(tensor, name);
  }
  for (const node of graph.nodes) {
    if (!node.inputs.some((input) => moved.has(input))) continue;
    const given = new Set(wrt);
    const outputs = node.outputs.map((output) => (output === '' ? '' : b.freshName(`baseline.${output}`)));
    if (node.outputs.every((output) => output === '' || given.has(output))) continue;
    b.apply(node.op, node.inputs.map(at), node.attrs, { name: b.freshName(`baseline.${node.name}`), outputs });
    for (const [i, output] of node.outputs.entries()) {
      if (output !== '' && !given.has(output)) names.set(output, outputs[i] as string);
    }
  }
  return { inputs, at };
}
