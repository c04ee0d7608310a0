import { sizeOf, toFloat64, type Tensor } from '@pathwise/model';
import { producers, type Graph, type GraphWriter } from '@pathwise/graph';
import { ops } from '@pathwise/ops';

/** A graph whose output does not depend on some elements of a tensor, though its nodes read them. */
export interface HiddenDummy {
  readonly name: string;
  readonly tensor: string;
  /** Flat indices of the elements without influence. */
  readonly elements: readonly number[];
  readonly graph: Graph;
}

/** Emits a function of some elements that is zero everywhere. */
type Zero = (b: GraphWriter, element: (at: number, scale: number, shift: number) => string) => string;

/** Shift of the single element: its kink lies where data rarely do. */
const SHIFT = 0.2718;

// relu(u) - (u + relu(-u))
const oneRelu: Zero = (b, element) => {
  const u = element(0, 1, SHIFT);
  const negative = b.emit('Relu', [b.emit('Neg', [u])]);
  return b.emit('Sub', [b.emit('Relu', [u]), b.emit('Add', [u, negative])]);
};

// relu(relu(u) - 1 - relu(v)) - relu(relu(u - 1) - relu(v)): one function, two implementations.
const twoImplementations: Zero = (b, element) => {
  const [u, v] = [element(0, 3, 0), element(1, 1, 0)];
  const one = b.scalar(1, b.type(u).dtype);
  const rest = b.emit('Relu', [v]);
  const late = b.emit('Relu', [b.emit('Sub', [b.emit('Sub', [b.emit('Relu', [u]), one]), rest])]);
  const early = b.emit('Relu', [b.emit('Sub', [b.emit('Relu', [b.emit('Sub', [u, one])]), rest])]);
  return b.emit('Sub', [late, early]);
};

const ZEROS: readonly { readonly name: string; readonly features: number; readonly zero: Zero }[] = [
  { name: 'relu(u) - (u + relu(-u))', features: 1, zero: oneRelu },
  { name: 'two implementations', features: 2, zero: twoImplementations },
];
/** Both signs: a rule that drops negative parts passes with one of them. */
const FACTORS = [3, -3];

/**
 * Versions of a model without influence of one or two elements of `tensor`: they are replaced by 0 where the model reads
 * them, and a function of theirs that is zero everywhere is added to the target. Methods that see functions give them
 * nothing; methods that see nodes may not. The elements are those of the largest absolute value in `row`; in units of
 * it, the two implementations are read at (3, 1).
 *
 * @param target - the tensor that holds the explained output
 * @param row - one row of `tensor`
 * @returns nothing where the target is no node's only output
 * @source Sundararajan, Taly, Yan 2017, arXiv:1703.01365 (dummy; the two implementations of its figure on invariance)
 */
export function hiddenDummies(graph: Graph, tensor: string, target: string, row: Tensor): HiddenDummy[] {
  if (!canAdd(graph, tensor, target)) return [];
  const values = toFloat64(row.data);
  const order = largestElements(row);
  return ZEROS.filter(({ features }) => order.length >= features).flatMap(({ name, features, zero }) =>
    FACTORS.map((factor) => {
      const elements = order.slice(0, features);
      const units = elements.map((i) => (features === 1 ? 1 : 1 / (values[i] as number)));
      const sign = factor > 0 ? '+' : '-';
      return {
        name: `${sign} ${name}`,
        tensor,
        elements,
        graph: addZero(graph, { tensor, target, elements, units, factor, zero }, true),
      };
    }),
  );
}

/**
 * The same function written with the difference of two implementations of one added to it: relu(relu(u) - 1 - relu(v)) -
 * relu(relu(u - 1) - relu(v)), u and v the two elements of `tensor` that are largest in `row`.
 *
 * @returns nothing where the target is no node's only output, or the row has less than two elements other than 0
 * @source Sundararajan, Taly, Yan 2017, arXiv:1703.01365 (figure on implementation invariance)
 */
export function withZeroAdded(
  graph: Graph,
  tensor: string,
  target: string,
  row: Tensor,
): { readonly name: string; readonly graph: Graph }[] {
  const order = largestElements(row);
  if (!canAdd(graph, tensor, target) || order.length < 2) return [];
  const elements = order.slice(0, 2);
  const values = toFloat64(row.data);
  const units = elements.map((i) => 1 / (values[i] as number));
  const added = { tensor, target, elements, units, factor: SMALL_FACTOR, zero: twoImplementations };
  return [{ name: 'two implementations of zero', graph: addZero(graph, added, false) }];
}

const SMALL_FACTOR = 0.1;

function canAdd(graph: Graph, tensor: string, target: string): boolean {
  return tensor !== target && producers(graph).get(target)?.outputs.length === 1;
}

/** Elements other than 0, the largest absolute value first. */
function largestElements(row: Tensor): number[] {
  const values = toFloat64(row.data);
  const order = Array.from(values.keys()).filter((i) => values[i] !== 0);
  return order.sort((i, j) => Math.abs(values[j] as number) - Math.abs(values[i] as number));
}

interface AddedZero {
  readonly tensor: string;
  readonly target: string;
  readonly elements: readonly number[];
  /** What each element is multiplied by before it is read. */
  readonly units: readonly number[];
  readonly factor: number;
  readonly zero: Zero;
}

/** With `isHidden`, the rest of the graph reads 0 in place of the elements. */
function addZero(graph: Graph, added: AddedZero, isHidden: boolean): Graph {
  const { tensor, target, elements, units, factor, zero } = added;
  const b = ops.builder();
  b.reserve(graph.types.keys());
  let frozen: string | undefined;
  const freeze = (): void => {
    if (!isHidden) return;
    const { dtype, shape } = b.type(tensor);
    const mask = new Float64Array(sizeOf(shape)).fill(1);
    for (const i of elements) mask[i] = 0;
    frozen = b.emit('Mul', [tensor, b.constant({ dtype, shape, data: mask })]);
  };
  for (const input of graph.inputs) {
    const type = graph.types.get(input);
    if (type !== undefined) b.input(input, type.shape, type.dtype);
    if (input === tensor) freeze();
  }
  for (const [constant, value] of graph.constants) b.constant(value, constant);
  for (const node of graph.nodes) {
    const inputs = node.inputs.map((input) => (input === tensor ? (frozen ?? input) : input));
    if (!node.outputs.includes(target)) {
      b.append({ ...node, inputs }, graph);
      if (node.outputs.includes(tensor)) freeze();
      continue;
    }
    const type = graph.types.get(target);
    const own = b.freshName(target);
    const types = new Map(type === undefined ? [] : [[own, type]]);
    b.append({ ...node, inputs, outputs: [own] }, { ...graph, types });
    const element = (at: number, scale: number, shift: number): string =>
      readElement(b, tensor, elements[at] as number, scale * (units[at] as number), shift);
    const { dtype, shape } = b.type(own);
    const value = b.emit('Reshape', [zero(b, element), b.ints(shape.map(() => 1))]);
    const factors = Float64Array.from({ length: sizeOf(shape) }, (_, k) => factor * share(k));
    b.emit('Add', [own, b.emit('Mul', [value, b.constant({ dtype, shape, data: factors })])], {}, target);
  }
  return b.build(graph.outputs, graph.name);
}

/** 1 for the first element of the target, others for the rest: what is added to all alike, a softmax takes out. */
function share(k: number): number {
  return 1 - 0.5 * ((0.618 * k) % 1);
}

/** scale * t_i + shift, of shape [1, 1]. */
function readElement(b: GraphWriter, tensor: string, at: number, scale: number, shift: number): string {
  const { dtype, shape } = b.type(tensor);
  const size = sizeOf(shape);
  const weights = new Float64Array(size);
  weights[at] = scale;
  const flat = b.emit('Reshape', [tensor, b.ints([1, size])]);
  const value = b.emit('MatMul', [flat, b.constant({ dtype, shape: [size, 1], data: weights })]);
  return shift === 0 ? value : b.emit('Add', [value, b.scalar(shift, dtype)]);
}
