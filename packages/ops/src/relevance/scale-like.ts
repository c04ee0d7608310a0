import { toFloat64 } from '@pathwise/model';
import { producers, type Graph, type Node } from '@pathwise/graph';
import { ops } from '../op-set.ts';

/** Ops whose output is a gate of what it is multiplied by. */
const GATES: ReadonlySet<string> = new Set(['Sigmoid', 'HardSigmoid', 'Softmax']);

/**
 * Tensors that only scale what they are multiplied by: the output of a gate, a softmax, a reciprocal or a power with a
 * negative exponent, also behind one-input affine nodes and nodes that move elements.
 *
 * @source Arras, Montavon, Mueller, Samek 2017, arXiv:1706.07206 (signal-take-all)
 */
export class ScaleLike {
  readonly #graph: Graph;
  readonly #gates: boolean;
  readonly #makers: ReadonlyMap<string, Node>;
  readonly #known = new Map<string, boolean>();

  /** Without `gates` only what normalizes counts. */
  constructor(graph: Graph, gates: boolean) {
    this.#graph = graph;
    this.#gates = gates;
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
    const node = this.#makers.get(tensor);
    if (node === undefined) return false;
    if (node.op === 'Reciprocal') return true;
    if (GATES.has(node.op)) return this.#gates;
    const { constants } = this.#graph;
    const data = node.inputs.filter((input) => input !== '' && !constants.has(input));
    if (node.op === 'Pow') {
      const exponent = constants.get(node.inputs[1] ?? '');
      return exponent !== undefined && toFloat64(exponent.data).every((v) => v < 0);
    }
    const moves = ops.get(node.op)?.relevance === 'shape';
    const isAffine = ['Add', 'Sub', 'Mul', 'Div', 'Neg'].includes(node.op);
    return data.length === 1 && (moves || isAffine) && this.has(data[0] as string);
  }
}
