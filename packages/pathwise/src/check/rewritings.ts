import { isFloat, toFloat64, type Tensor } from '@pathwise/model';
import type { Graph, GraphWriter, Node } from '@pathwise/graph';
import { ops } from '@pathwise/ops';

/** A graph that computes the same function in another way, for the axiom of implementation invariance. */
export interface Rewriting {
  readonly name: string;
  readonly graph: Graph;
}

/** Emits the nodes that replace one, under the name of its output; false when it does not know the node. */
type Rule = (b: GraphWriter, node: Node, output: string) => boolean;

// relu(z) = z + relu(-z). At z = 0 their derivatives differ (0 and 1): off ties only.
const reluOfOpposite: Rule = (b, { op, inputs: [z = ''] }, output) => {
  if (op !== 'Relu') return false;
  b.emit('Add', [z, b.emit('Relu', [b.emit('Neg', [z])])], {}, output);
  return true;
};

// sigmoid(z) = (1 + tanh(z / 2)) / 2
const sigmoidByTanh: Rule = (b, { op, inputs: [z = ''] }, output) => {
  if (op !== 'Sigmoid') return false;
  const { dtype } = b.type(z);
  const half = b.scalar(0.5, dtype);
  b.emit('Mul', [half, b.emit('Add', [b.scalar(1, dtype), b.emit('Tanh', [b.emit('Mul', [half, z])])])], {}, output);
  return true;
};

// W x + b = (V x + b) + (W - V) x for V of mixed sign.
const splitWeights: Rule = (b, { op, inputs: [x = '', w = '', bias], attrs }, output) => {
  const weights = b.constantOf(w);
  if (!['Conv', 'Gemm', 'MatMul'].includes(op) || weights === undefined || !isFloat(weights.dtype)) return false;
  const [first, second] = split(weights);
  const whole = b.emit(op, [x, b.constant(first), ...(bias === undefined ? [] : [bias])], attrs);
  b.emit('Add', [whole, b.emit(op, [x, b.constant(second)], attrs)], {}, output);
  return true;
};

const RULES: Readonly<Record<string, Rule>> = {
  'relu(z) = z + relu(-z)': reluOfOpposite,
  'sigmoid(z) = (1 + tanh(z/2)) / 2': sigmoidByTanh,
  'W = V + (W - V)': splitWeights,
};

/**
 * The graph written in other ways, each rule applied to every node that it knows; rules without such a node are left
 * out. All tensors keep their names.
 */
export function rewritings(graph: Graph): Rewriting[] {
  return Object.entries(RULES).flatMap(([name, rule]) => {
    const b = ops.builder();
    b.reserve(graph.types.keys());
    for (const input of graph.inputs) {
      const type = graph.types.get(input);
      if (type !== undefined) b.input(input, type.shape, type.dtype);
    }
    for (const [constant, value] of graph.constants) b.constant(value, constant);
    let isChanged = false;
    for (const node of graph.nodes) {
      const [output = '', ...others] = node.outputs;
      if (others.length === 0 && rule(b, node, output)) isChanged = true;
      else b.append(node, graph);
    }
    return isChanged ? [{ name, graph: b.build(graph.outputs, graph.name) }] : [];
  });
}

/** Two tensors of both signs that sum to one, exactly where the difference is exact in float64. */
function split(weights: Tensor): [Tensor, Tensor] {
  const w = toFloat64(weights.data);
  const largest = w.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const part = w.map((value, i) => 0.5 * value + (i % 2 === 0 ? 0.25 : -0.25) * largest);
  return [
    { ...weights, data: part },
    { ...weights, data: w.map((value, i) => value - (part[i] as number)) },
  ];
}
