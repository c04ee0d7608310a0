import { toFloat64, type RectifiedPropagation } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { positivePart } from './emit.ts';
import { gradientRule, pullBack, type Choice, type Site } from './rule.ts';

/** Rectifiers other than Relu: they let positive inputs through as they are. */
const LIKE_RELU: ReadonlySet<string> = new Set(['LeakyRelu', 'PRelu', 'Elu', 'Clip']);

/**
 * Guided backpropagation and the deconvolution network: a gradient whose values at the output of rectifiers are cut to
 * their positive part.
 *
 * @source Springenberg, Dosovitskiy, Brox, Riedmiller 2014, arXiv:1412.6806; Zeiler and Fergus 2013, arXiv:1311.2901
 */
export class RectifiedRules {
  readonly #options: RectifiedPropagation;
  readonly #graph: Graph;

  constructor(options: RectifiedPropagation, graph: Graph) {
    this.#options = options;
    this.#graph = graph;
  }

  choose(site: Site): Choice {
    const plain = gradientRule(site);
    if (typeof plain === 'string' || !this.isRectifier(site)) return plain;
    return (b, [value]) => {
      const cut = positivePart(b, value as string);
      return this.#options.gated ? pullBack(b, site, [cut]) : [cut];
    };
  }

  isRectifier({ node }: Site): boolean {
    if (node.op === 'Relu') return true;
    if (this.#options.rectifiers !== 'all' || !LIKE_RELU.has(node.op)) return false;
    if (node.op !== 'Clip') return true;
    const low = this.#graph.constants.get(node.inputs[1] ?? '');
    return low !== undefined && toFloat64(low.data).every((v) => v === 0);
  }
}
