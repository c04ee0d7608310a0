import type { Graph, Node } from '@pathwise/graph';

const POOLS: ReadonlySet<string> = new Set(['AveragePool', 'LpPool', 'MaxPool']);

/**
 * Takes `ceil_mode` off pools in which it adds no window. Where the window that it would add lies wholly in the padding
 * it is dropped, which onnxruntime-web forgets when it infers shapes.
 */
export function withoutIdleCeil(graph: Graph): Graph {
  const nodes = graph.nodes.map((node) =>
    POOLS.has(node.op) && node.attrs['ceil_mode'] === 1 && isFloored(graph, node)
      ? { ...node, attrs: { ...node.attrs, ceil_mode: 0 } }
      : node,
  );
  return { ...graph, nodes };
}

/** Every axis has as many windows as fit without `ceil_mode`. */
function isFloored({ types }: Graph, { inputs, outputs, attrs }: Node): boolean {
  const from = types.get(inputs[0] ?? '')?.shape.slice(2) ?? [];
  const to = types.get(outputs.find((output) => output !== '') ?? '')?.shape.slice(2) ?? [];
  const kernel = attrs['kernel_shape'] as readonly number[];
  const list = (name: string, value: number): readonly number[] =>
    (attrs[name] as readonly number[] | undefined) ?? new Array<number>(2 * kernel.length).fill(value);
  const [strides, dilations, pads] = [list('strides', 1), list('dilations', 1), list('pads', 0)];
  return (
    attrs['auto_pad'] === 'NOTSET' &&
    kernel.every((taps, axis) => {
      const padded = from[axis]! + pads[axis]! + pads[kernel.length + axis]!;
      return to[axis] === Math.floor((padded - (taps - 1) * dilations[axis]! - 1) / strides[axis]!) + 1;
    })
  );
}
