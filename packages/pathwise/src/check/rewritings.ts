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

// max(a, b) = b + relu(a - b). At a = b the derivatives differ: off ties only.
const maxByRelu: Rule = (b, { op, inputs: [a = '', c = '', ...others] }, output) => {
  if (op !== 'Max' || c === '' || others.length > 0 || !isFloat(b.type(a).dtype)) return false;
  b.emit('Add', [c, b.emit('Relu', [b.emit('Sub', [a, c])])], {}, output);
  return true;
};

// z = (z + z) / 2, computed twice.
const twice: Rule = (b, node, output) => {
  if (!REPEATED.has(node.op)) return false;
  const [first, second] = [again(b, node), again(b, node)];
  b.emit('Mul', [b.scalar(0.5, b.type(first).dtype), b.emit('Add', [first, second])], {}, output);
  return true;
};

// z = (z transposed) transposed; the first axis, which counts rows, stays.
const transposedTwice: Rule = (b, node, output) => {
  if (!REPEATED.has(node.op)) return false;
  const z = b.emit('Identity', [again(b, node)]);
  const axes = b.shape(z).map((_, axis) => axis);
  const perm = [...axes.slice(0, 1), ...axes.slice(1).reverse()];
  b.emit('Transpose', [b.emit('Transpose', [z], { perm })], { perm }, output);
  return true;
};

// W x + b = -((-W) x - b)
const oppositeWeights: Rule = (b, { op, inputs: [x = '', w = '', bias = ''], attrs }, output) => {
  const [weights, shift] = [b.constantOf(w), b.constantOf(bias)];
  if (!LINEAR.has(op) || weights === undefined || !isFloat(weights.dtype)) return false;
  if (bias !== '' && shift === undefined) return false;
  const negated = [weights, ...(shift === undefined ? [] : [shift])].map((t) => b.constant(opposite(t)));
  b.emit('Neg', [b.emit(op, [x, ...negated], attrs)], {}, output);
  return true;
};

// Batch normalisation is one scale and one shift a channel.
const scaleAndShift: Rule = (b, { op, inputs: [x = '', ...others], attrs }, output) => {
  if (op !== 'BatchNormalization' || Number(attrs['training_mode'] ?? 0) !== 0) return false;
  const given = others.map((name) => b.constantOf(name));
  if (given.some((t) => t === undefined)) return false;
  const [scale, shift, mean, variance] = (given as Tensor[]).map(({ data }) => toFloat64(data)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const epsilon = Number(attrs['epsilon'] ?? 1e-5);
  const factors = scale.map((s, c) => s / Math.sqrt((variance[c] as number) + epsilon));
  const offsets = shift.map((s, c) => s - (mean[c] as number) * (factors[c] as number));
  const { dtype, shape } = b.type(x);
  const channels = [scale.length, ...shape.slice(2).map(() => 1)];
  const [factor, offset] = [factors, offsets].map((data) => b.constant({ dtype, shape: channels, data }));
  b.emit('Add', [b.emit('Mul', [x, factor as string]), offset as string], {}, output);
  return true;
};

// W x + b = (V x + b) + (W - V) x for V of mixed sign.
const splitWeights: Rule = (b, { op, inputs: [x = '', w = '', bias], attrs }, output) => {
  const weights = b.constantOf(w);
  if (!LINEAR.has(op) || weights === undefined || !isFloat(weights.dtype)) return false;
  const [first, second] = split(weights);
  const whole = b.emit(op, [x, b.constant(first), ...(bias === undefined ? [] : [bias])], attrs);
  b.emit('Add', [whole, b.emit(op, [x, b.constant(second)], attrs)], {}, output);
  return true;
};

/** Ops W x (+ b) whose weights are the second operand. */
const LINEAR: ReadonlySet<string> = new Set(['Conv', 'Gemm', 'MatMul']);
/** Ops of one output whose nodes are computed twice, or whose output is turned over. */
const REPEATED: ReadonlySet<string> = new Set([...LINEAR, 'Relu', 'Sigmoid', 'Tanh']);

const RULES: Readonly<Record<string, Rule>> = {
  'relu(z) = z + relu(-z)': reluOfOpposite,
  'sigmoid(z) = (1 + tanh(z/2)) / 2': sigmoidByTanh,
  'max(a, b) = b + relu(a - b)': maxByRelu,
  'W = V + (W - V)': splitWeights,
  'W x + b = -(-W x - b)': oppositeWeights,
  'z = (z + z) / 2': twice,
  'z transposed twice': transposedTwice,
  'batch normalisation = scale and shift': scaleAndShift,
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
      // A final Sigmoid is looked through for logits, and must stay to be seen.
      const isEnding = node.op === 'Sigmoid' && graph.outputs.includes(output);
      if (others.length === 0 && !isEnding && rule(b, node, output)) isChanged = true;
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

function opposite(t: Tensor): Tensor {
  return { ...t, data: toFloat64(t.data).map((value) => -value) };
}

/** The node once more, its output under a new name. */
function again(b: GraphWriter, { op, inputs, attrs }: Node): string {
  return b.emit(
    op,
    inputs.map((input) => (input === '' ? null : input)),
    attrs,
  );
}
