import type { Graph, Node } from '@pathwise/graph';
import { lowerGraph } from '@pathwise/ops';

/** Is a node better given to ONNX Runtime 1.30 as the simpler ops that it is made of? */
type Rule = (node: Node, graph: Graph) => boolean;

/** Layers whose batch stands first it does not know, and sequence lengths it wants as int32. */
const recurrent: Rule = ({ attrs, inputs }, { types }) =>
  attrs['layout'] === 1 || (types.get(inputs[4] ?? '')?.dtype ?? 'int32') !== 'int32';

const RULES: Readonly<Record<string, Rule>> = {
  // It lacks the seventh input, which came with operator set 24, and masks that are shorter than the keys.
  Attention: ({ inputs }, { types }) => {
    const [keys, past, mask] = [1, 4, 3].map((i) => types.get(inputs[i] ?? '')?.shape);
    const width = (keys?.at(-2) ?? 0) + (past?.[2] ?? 0);
    return (inputs[6] ?? '') !== '' || (mask !== undefined && mask.at(-1) !== width);
  },
  GRU: recurrent,
  // Planes only, and volumes without cubic interpolation.
  GridSample: ({ inputs, attrs }, { types }) => {
    const rank = types.get(inputs[0] ?? '')?.shape.length ?? 0;
    return rank !== 4 && (rank !== 5 || attrs['mode'] === 'cubic');
  },
  LRN: () => true,
  LSTM: recurrent,
  RNN: recurrent,
};

/** Replaces nodes that ONNX Runtime lacks, or computes more slowly than the simpler ops that they are made of. */
export function lowerForRuntime(graph: Graph): Graph {
  return lowerGraph(graph, (node) => RULES[node.op]?.(node, graph) === true);
}
