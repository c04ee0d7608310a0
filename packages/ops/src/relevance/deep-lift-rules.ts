import type { DeepLiftPropagation } from '@pathwise/model';
import { descendants, type Graph, type Node } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { maxShare } from './max-share.ts';
import { forActive, gradientRule, pullBack, type Choice, type Site } from './rule.ts';
import { quotientOr, secantPull, type Nearness } from './secants.ts';
import type { Twin } from './twin.ts';

/**
 * DeepLIFT with the rescale rule: what a tensor carries is its multiplier m, and <m, difference from the baseline> is
 * the same at every cut. Exact for every op that has a rule.
 *
 * @source Shrikumar, Greenside, Kundaje 2017, arXiv:1704.02685, sections 3.2, 3.5.1, 3.5.2; operands of products share
 *   as Shapley values do
 */
export class DeepLiftRules implements Nearness {
  readonly nearZero: number;
  readonly #pool: DeepLiftPropagation['pool'];
  readonly #moved: ReadonlySet<string>;
  readonly #twin: Twin;

  constructor(options: DeepLiftPropagation, graph: Graph, wrt: readonly string[], nearZero: number, twin: Twin) {
    this.nearZero = options.nearZero ?? nearZero;
    this.#twin = twin;
    this.#pool = options.pool;
    this.#moved = descendants(graph, wrt);
  }

  choose(site: Site): Choice {
    const twin = this.#twin;
    const { node, op, active } = site;
    const decides = node.inputs.find((input, i) => this.#moved.has(input) && !active.includes(i));
    if (decides !== undefined) {
      return `its input "${decides}" chooses by data that differ between input and baseline`;
    }
    if (op.affine(active, node.attrs)) return gradientRule(site);
    if (op.relevance === 'softmax') return this.#softmax(node);
    if (op.relevance === 'max' && op.variadic !== true) return this.#max(site);
    const isElementwise = ['unary', 'product', 'max'].includes(op.relevance) && op.name !== 'CumProd';
    if (active.length === 1) {
      const sameSize = site.op.relevance !== 'product' || ['Div', 'Pow'].includes(node.op);
      return isElementwise && sameSize && node.outputs.length === 1
        ? (b, [m]) => forActive(site, () => secantPull(b, site, twin, m as string, this))
        : 'it has no rule for differences';
    }
    return this.#operands(site);
  }

  #max(site: Site): Choice {
    if (this.#pool === 'winner') return gradientRule(site);
    if (site.node.op === 'TopK') return 'elements that change places have no rule for differences';
    return maxShare(site, this.#twin);
  }

  #softmax({ op, inputs, attrs }: Node): Choice {
    const x1 = inputs[0] as string;
    const axes = [attrs['axis'] as number];
    if (op !== 'Softmax' && op !== 'LogSoftmax') return 'it has no rule for differences';
    const twin = this.#twin;
    return (b, [value]) => {
      const m = value as string;
      const x0 = twin.at(x1);
      // exp with one shift for both points; the result does not depend on it.
      const shift = b.emit('ReduceMax', [b.emit('Max', [x1, x0]), b.ints(axes)], { keepdims: 1 });
      const [e1, e0] = [b.exp(b.sub(x1, shift)), b.exp(b.sub(x0, shift))];
      const [s1, s0] = [b.reduceSum(e1, axes), b.reduceSum(e0, axes)];
      const slope = quotientOr(b, b.sub(e1, e0), b.sub(x1, x0), this.nearZero, e1);
      if (op === 'LogSoftmax') {
        const log = b.sub(b.unary('Log', s1), b.unary('Log', s0));
        const inner = quotientOr(b, log, b.sub(s1, s0), this.nearZero, b.unary('Reciprocal', s1));
        return [b.sub(m, b.mul(slope, b.mul(inner, b.reduceSum(m, axes))))];
      }
      // y = e / s: half of m (1/s1 + 1/s0) to e, and -m mean(e) / (s1 s0) to each term of s.
      const [r1, r0] = [b.unary('Reciprocal', s1), b.unary('Reciprocal', s0)];
      const own = b.mul(m, b.mul(b.add(r1, r0), 0.5));
      const total = b.reduceSum(b.mul(m, b.mul(b.add(e1, e0), 0.5)), axes);
      return [b.mul(slope, b.sub(own, b.mul(total, b.mul(r1, r0))))];
    };
  }

  /** Several active operands. */
  #operands(site: Site): Choice {
    const { node, op, active } = site;
    const twin = this.#twin;
    const eachAffine = active.every((i) => op.affine([i], node.attrs));
    const factors = active.filter((i) => !op.affine(active, node.attrs) && i < 2);
    const isBilinear = op.variadic === true ? active.length === 2 : factors.length === 2 || active.length === 2;
    if (eachAffine && op.vjp !== undefined && isBilinear) {
      // f is bilinear: the difference is dA B + A dB at the means of both operands.
      return (b, values) => {
        const means = node.inputs.map((input, i) =>
          active.includes(i) ? b.mul(b.add(input, twin.at(input)), 0.5) : input,
        );
        return pullBack(b, site, values, means);
      };
    }
    if (active.length !== 2 || node.inputs.length !== 2) return 'it has no rule for more than two computed inputs';
    if (node.op === 'Div') return (b, [m]) => quotientRule(b, node, twin, m as string);
    if (['Max', 'Min', 'Pow'].includes(node.op)) {
      return (b, [m]) => this.#twoOperands(b, node, twin, m as string);
    }
    return 'it has no rule for two computed inputs';
  }

  /** Shapley values of two operands: m_a = m A / da with A = half of f(a1,b1) - f(a0,b1) + f(a1,b0) - f(a0,b0). */
  #twoOperands(b: OpBuilder, { op, inputs, outputs }: Node, twin: Twin, m: string): string[] {
    const [a1, b1] = inputs as [string, string];
    const [a0, b0] = [twin.at(a1), twin.at(b1)];
    const [y11, y00] = [outputs[0] as string, twin.at(outputs[0] as string)];
    const y01 = b.emit(op, [a0, b1]);
    const y10 = b.emit(op, [a1, b0]);
    const half = (x: string, y: string): string => b.mul(b.add(x, y), 0.5);
    const partA = half(b.sub(y11, y01), b.sub(y10, y00));
    const partB = half(b.sub(y11, y10), b.sub(y01, y00));
    const share = (part: string, x1: string, x0: string): string => {
      const d = b.expand(b.sub(x1, x0), b.shape(y11));
      return b.sumTo(b.mul(m, quotientOr(b, part, d, this.nearZero, 0)), b.shape(x1));
    };
    return [share(partA, a1, a0), share(partB, b1, b0)];
  }
}

/** a / b: m_a = m (1/b1 + 1/b0) / 2, m_b = -m mean(a) / (b1 b0). */
function quotientRule(b: OpBuilder, { inputs }: Node, twin: Twin, m: string): string[] {
  const [a1, b1] = inputs as [string, string];
  const [a0, b0] = [twin.at(a1), twin.at(b1)];
  const [r1, r0] = [b.unary('Reciprocal', b1), b.unary('Reciprocal', b0)];
  const numerator = b.mul(m, b.mul(b.add(r1, r0), 0.5));
  const denominator = b.neg(b.mul(m, b.mul(b.mul(b.add(a1, a0), 0.5), b.mul(r1, r0))));
  return [b.sumTo(numerator, b.shape(a1)), b.sumTo(denominator, b.shape(b1))];
}
