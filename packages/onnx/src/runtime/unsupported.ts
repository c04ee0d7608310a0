import { isFloat, sameShape, toFloat64, type Blocker, type Shape } from '@pathwise/model';
import type { Graph, Node } from '@pathwise/graph';

/** What a rule knows of a node. */
interface Operands {
  readonly node: Node;
  /** Type of an input; undefined for one that is absent. */
  readonly type: (input: number) => { readonly dtype: string; readonly shape: Shape } | undefined;
  /** Numbers of a constant input. */
  readonly numbers: (input: number) => readonly number[];
}

/** Why ONNX Runtime 1.30 refuses a node or computes it otherwise; null where it does neither. */
type Rule = (operands: Operands) => string | null;

const boolsOnly: Rule = ({ node, type }) =>
  node.inputs.every((_, i) => type(i)?.dtype === 'bool') ? null : 'ONNX Runtime takes inputs of type bool only';

const RULES: Readonly<Record<string, Rule>> = {
  And: boolsOnly,
  Not: boolsOnly,
  Or: boolsOnly,
  Xor: boolsOnly,
  DequantizeLinear: ({ type }) =>
    isFloat((type(0)?.dtype ?? 'int8') as 'int8') ? 'ONNX Runtime takes inputs of integers only' : null,
  Einsum: ({ node, type }) => {
    const ellipses = (node.attrs['equation'] as string).includes('...');
    const equal = node.inputs.every((_, i) => sameShape(type(i)?.shape ?? [], type(0)?.shape ?? []));
    return ellipses && !equal ? 'ONNX Runtime does not broadcast under an ellipsis' : null;
  },
  MaxUnpool: ({ node }) =>
    (node.inputs[2] ?? '') === '' ? null : 'ONNX Runtime takes the indices to be those of output_shape',
  Pad: ({ node, type, numbers }) => {
    const shape = type(0)?.shape ?? [];
    const axes = (node.inputs[3] ?? '') === '' ? shape.map((_, axis) => axis) : numbers(3);
    const wide = numbers(1).some((pad, i) => pad > (shape.at(axes[i % axes.length] ?? 0) ?? 0));
    return node.attrs['mode'] === 'wrap' && wide ? 'ONNX Runtime does not wrap around more than once' : null;
  },
  Resize: ({ node }) =>
    (node.attrs['keep_aspect_ratio_policy'] ?? 'stretch') === 'stretch'
      ? null
      : 'ONNX Runtime scales otherwise when it keeps the aspect ratio',
};

/** Why a node cannot be given to ONNX Runtime; null where it can. */
export function blockerOf(graph: Graph, node: Node): Blocker | null {
  const reason = RULES[node.op]?.({
    node,
    type: (input) => graph.types.get(node.inputs[input] ?? ''),
    numbers: (input) => {
      const value = graph.constants.get(node.inputs[input] ?? '');
      return value === undefined ? [] : [...toFloat64(value.data)];
    },
  });
  return reason === undefined || reason === null ? null : { node: node.name, op: node.op, reason };
}
