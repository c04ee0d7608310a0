import { toFloat64 } from '@pathwise/model';
import { producers, type Graph, type Node } from '@pathwise/graph';

/** Ops without negative results. */
const NEVER_NEGATIVE: ReadonlySet<string> = new Set(
  'Relu Sigmoid HardSigmoid Softmax Softplus Exp Abs ThresholdedRelu ReduceL1 ReduceL2 ReduceSumSquare'.split(' '),
);

/** Ops whose results have no negative elements where their inputs have none. */
const KEEP_SIGN: ReadonlySet<string> = new Set(
  (
    'MaxPool AveragePool GlobalMaxPool GlobalAveragePool ReduceMax ReduceMean ReduceSum Reshape Flatten Squeeze ' +
    'Unsqueeze Transpose Concat Split Slice Identity Dropout Expand Tile Add Mul Sum Mean Max Min'
  ).split(' '),
);

/** Knows tensors that cannot be negative, whatever the input: parts of rules for negative inputs fall away there. */
export class NonNegative {
  readonly #graph: Graph;
  readonly #makers: ReadonlyMap<string, Node>;
  readonly #known = new Map<string, boolean>();

  constructor(graph: Graph) {
    this.#graph = graph;
    this.#makers = producers(graph);
  }

  has(tensor: string): boolean {
    let known = this.#known.get(tensor);
    if (known === undefined) {
      known = this.#find(tensor);
      this.#known.set(tensor, known);
    }
    return known;
  }

  #find(tensor: string): boolean {
    const constant = this.#graph.constants.get(tensor);
    if (constant !== undefined) return toFloat64(constant.data).every((v) => v >= 0);
    const node = this.#makers.get(tensor);
    if (node === undefined) return false;
    if (NEVER_NEGATIVE.has(node.op)) return true;
    if (node.op === 'Clip') {
      const low = this.#graph.constants.get(node.inputs[1] ?? '');
      return low !== undefined && toFloat64(low.data).every((v) => v >= 0);
    }
    const data = ['Concat', 'Add', 'Mul', 'Sum', 'Mean', 'Max', 'Min'].includes(node.op)
      ? node.inputs
      : node.inputs.slice(0, 1);
    return KEEP_SIGN.has(node.op) && data.every((input) => this.has(input));
  }
}
