import { isFloat, sameShape, type RelevancePropagation, type RuleEntry, type WeightedRule } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { compositeRules } from './composite.ts';
import { safeQuotient, stabilizedQuotient } from './emit.ts';
import { NonNegative } from './non-negative.ts';
import { forActive, gradientRule, pullBack, type Choice, type Site } from './rule.ts';
import { ScaleLike } from './scale-like.ts';
import { termsOfSums } from './terms-of-sums.ts';
import { weightedNode } from './weighted-node.ts';
import { weightedRelevance } from './weighted-rules.ts';

/** What is known of the graph that the rules are for. */
export interface RulesOf {
  /** Tensors that relevance can reach. */
  readonly moving: ReadonlySet<string>;
  /** What is attributed. */
  readonly wrt: readonly string[];
  /** Nodes of unrolled recurrent layers. */
  readonly unrolled: ReadonlySet<string>;
}

/** The rules of layer-wise relevance propagation on one graph: what a tensor carries is its relevance. */
export class RelevanceRules {
  readonly #options: RelevancePropagation;
  readonly #graph: Graph;
  readonly #scales: ScaleLike;
  readonly #gates: ScaleLike;
  readonly #nonNegative: NonNegative;
  readonly #entryOf: (site: Site) => RuleEntry | null;
  readonly #inner: ReadonlySet<string>;

  constructor(options: RelevancePropagation, graph: Graph, { moving, wrt, unrolled }: RulesOf) {
    this.#options = options;
    this.#graph = graph;
    this.#scales = new ScaleLike(graph, options.mul === 'gate-aware');
    this.#gates = new ScaleLike(graph, true);
    this.#nonNegative = new NonNegative(graph);
    this.#entryOf = compositeRules(options, graph, moving, wrt);
    this.#inner = termsOfSums(graph, unrolled);
  }

  /** The rule of a node. */
  choose(site: Site): Choice {
    const entry = this.#entryOf(site);
    const { activations } = this.#options;
    if (activations !== undefined && site.op.relevance === 'unary' && !activations.includes(site.node.op)) {
      return `the method is defined for ${activations.join(', ')} only`;
    }
    if (entry?.rule === 'gradient') return gradientRule(site);
    if (entry?.rule === 'pass') return this.#pass(site);
    if (site.op.relevance === 'weighted-linear') return this.#weighted(site, entry);
    const stabilizer = entry?.rule === 'epsilon' ? entry.stabilizer : this.#options.stabilizer;
    return this.#byClass(site, this.#inner.has(site.node.name) ? 0 : stabilizer);
  }

  #weighted(site: Site, entry: RuleEntry | null): Choice {
    const { stabilizer } = this.#options;
    const isTerm = this.#inner.has(site.node.name);
    const given = entry === null || !('stabilizer' in entry) ? { rule: 'epsilon' as const, stabilizer } : entry;
    const rule = given.rule === 'epsilon' && isTerm ? { ...given, stabilizer: 0 } : given;
    const weighted = weightedNode(site);
    if (weighted === null) return this.#otherWeights(site, rule);
    const hints = { nonNegative: this.#nonNegative.has(weighted.x) };
    return (b, [relevance]) => forActive(site, () => weightedRelevance(b, weighted, rule, relevance as string, hints));
  }

  /** A sum without weights, a computed bias, weights that are a product, or two computed factors. */
  #otherWeights(site: Site, { rule, stabilizer }: WeightedRule): Choice {
    const { node, active, op } = site;
    const isFloating = node.inputs.every((name) => name === '' || isFloat(this.#graph.types.get(name)!.dtype));
    if (!isFloating) return 'quantized weights have no rule for relevance';
    if (active.length > 1 || !op.affine(active, node.attrs)) return this.#bilinear(site);
    if (node.inputs.length === 1 || rule === 'epsilon') return proportional(site, stabilizer);
    return `the rule ${rule} is for one weight a node`;
  }

  #byClass(site: Site, stabilizer: number): Choice {
    switch (site.op.relevance) {
      case 'unary':
        return this.#pass(site);
      case 'max':
        return gradientRule(site);
      case 'shape':
        return this.#moved(site);
      case 'affine':
      case 'bias':
      case 'fixed-linear':
        return site.node.inputs.length === 1 && site.op.relevance === 'affine'
          ? this.#pass(site)
          : proportional(site, stabilizer);
      case 'sum':
        return site.active.length > 1 && this.#options.add === 'abs'
          ? byMagnitude(site, stabilizer)
          : proportional(site, stabilizer);
      case 'product':
        return this.#product(site);
      case 'softmax':
        return this.#softmax(site);
      case 'normalization':
        return this.#pass(site);
      default:
        return 'it has no rule for relevance';
    }
  }

  /** Relevance goes to the one active input, summed over what was repeated. */
  #pass(site: Site): Choice {
    const [position] = site.active as [number];
    if (site.op.relevance === 'unary' && position !== 0) return 'a parameter of an activation is computed';
    const [input, output] = [site.node.inputs[position] as string, site.node.outputs[0] as string];
    const from = this.#graph.types.get(output)?.shape ?? [];
    const to = this.#graph.types.get(input)?.shape ?? [];
    if (site.active.length > 1) return 'it passes relevance on, but more than one of its inputs is computed';
    if (site.op.relevance !== 'product' && !sameShape(from, to)) {
      return 'it passes relevance on, but its output has another shape than its input';
    }
    return (b, [relevance]) => forActive(site, () => b.sumTo(relevance as string, b.shape(input)));
  }

  /** Elements that move take their relevance along; sums of them share it. */
  #moved(site: Site): Choice {
    const { reduction = 'none' } = site.node.attrs as { reduction?: string };
    if (reduction === 'none') return gradientRule(site);
    if (reduction !== 'add') return `elements that meet are combined by "${reduction}"`;
    return proportional(site, this.#options.stabilizer);
  }

  #product(site: Site): Choice {
    const { node, active } = site;
    if (active.length === 1) return ['Mul', 'Div', 'Pow'].includes(node.op) ? this.#pass(site) : 'it has no rule';
    if (node.op === 'Div') return this.#shares(site, [1, 0]);
    if (node.op !== 'Mul') return 'products of more than two computed factors have no rule for relevance';
    const [left, right] = node.inputs.map((input) => this.#scales.has(input));
    if (left === right) return this.#shares(site, [0.5, 0.5]);
    return this.#shares(site, left === true ? [0, 1] : [1, 0]);
  }

  #shares({ node }: Site, shares: readonly [number, number]): Choice {
    return (b, [relevance]) =>
      shares.map((share, i) => {
        if (share === 0) return null;
        const own = b.sumTo(relevance as string, b.shape(node.inputs[i] as string));
        return share === 1 ? own : b.mul(own, share);
      });
  }

  /** A product of two computed matrices: half to each; with attention `value` nothing to the attention weights. */
  #bilinear(site: Site): Choice {
    const { node, active, op } = site;
    const [left, right] = active as [number, number];
    const isProduct = active.length === 2 && right <= 1 && (op.variadic !== true || node.inputs.length === 2);
    if (!isProduct || op.vjp === undefined) return 'it has no rule for these computed inputs';
    const gates = active.map((i) => this.#gates.has(node.inputs[i] as string));
    const values = this.#options.attention === 'value' && gates[left] !== gates[right];
    const { stabilizer } = this.#options;
    const output = node.outputs[0] as string;
    return (b, [relevance]) => {
      const whole = values ? output : b.mul(output, 2);
      const s = stabilizedQuotient(b, relevance as string, whole, stabilizer);
      const pulled = pullBack(b, site, [s]);
      return forActive(site, (i) => i).map((i) =>
        i === null || (values && gates[i] === true) ? null : b.mul(node.inputs[i] as string, pulled[i] as string),
      );
    };
  }

  /**
   * R_i = x_i (R_i - s_i sum R): the Taylor expansion at x, whose constant term is lost.
   * @source Achtibat et al. 2024, arXiv:2402.05602, proposition 3.1
   */
  #softmax(site: Site): Choice {
    const { node } = site;
    if (node.op !== 'Softmax') return 'explain its input (the logit) instead';
    if (this.#options.attention === 'value') return () => [null];
    const [x, s] = [node.inputs[0] as string, node.outputs[0] as string];
    return (b, [relevance]) => {
      const sum = b.reduceSum(relevance as string, [node.attrs['axis'] as number]);
      const rest = b.sub(relevance as string, b.mul(s, sum));
      // A masked logit of minus infinity has s = 0: it takes nothing, and must not become 0 times infinity.
      const finite = b.where(b.unary('IsInf', x), 0, x);
      return [b.mul(finite, rest)];
    };
  }
}

/**
 * In proportion to what each active input adds: R_j = x_j (dy/dx_j)^T R / y. Constant terms keep their share, which is
 * lost.
 */
function proportional(site: Site, stabilizer: number): Choice {
  const { node, op, active } = site;
  if (op.vjp === undefined || node.outputs.length !== 1) return 'its gradient is not known';
  const isLinear = op.affine(active, node.attrs) || op.relevance === 'fixed-linear';
  if (!isLinear) return 'a factor of it is computed, too';
  const output = node.outputs[0] as string;
  return (b, [relevance]) => {
    const s = stabilizedQuotient(b, relevance as string, output, stabilizer);
    const pulled = pullBack(b, site, [s]);
    return forActive(site, (i) => b.mul(node.inputs[i] as string, pulled[i] as string));
  };
}

/** R_a = |a| R / (|a| + |b|): bounded, without signs. */
function byMagnitude(site: Site, stabilizer: number): Choice {
  const { node } = site;
  return (b: OpBuilder, [relevance]) => {
    const sizes = node.inputs.map((input) => b.unary('Abs', input));
    const total = sizes.reduce((sum, size) => b.add(sum, size));
    const s =
      stabilizer === 0
        ? safeQuotient(b, relevance as string, total)
        : b.div(relevance as string, b.add(total, stabilizer));
    return forActive(site, (i) => b.sumTo(b.mul(sizes[i] as string, s), b.shape(node.inputs[i] as string)));
  };
}
