import { toFloat64 } from '@pathwise/model';
import { producers, propagate, type Graph, type Node } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { ops } from '../op-set.ts';
import { ChangeParts, type Pair } from './change-parts.ts';
import type { DeepLiftRules } from './deep-lift-rules.ts';
import {
  averagedKind,
  bySignKind,
  isBehind,
  movedKind,
  revealingKind,
  scaledKind,
  summedKind,
  weightedKind,
  type Kind,
} from './reveal-cancel-kinds.ts';
import { isOpen, noRule, reachable, siteOf, type Site } from './rule.ts';
import type { Twin } from './twin.ts';

/** What reveal-cancel needs besides the rules of rescale, which hold where it has none of its own. */
export interface RevealCancelOptions {
  readonly rescale: DeepLiftRules;
  readonly rescaleAfter: readonly string[];
  readonly twin: Twin;
}

/**
 * DeepLIFT with the reveal-cancel rule: each tensor has two parts of its difference, P and N with P + N = difference, and
 * a multiplier for each; <m+, P> + <m-, N> is the same at every cut. Returns the multipliers of `wrt`: of the part that
 * the sign of the difference names.
 *
 * @source Shrikumar, Greenside, Kundaje 2017, arXiv:1704.02685, sections 3.5.1 and 3.5.3; maxima, products, softmax and
 *   normalizations by the rescale rule, with the multiplier that the sign of their change names
 */
export function revealCancel(
  b: OpBuilder,
  graph: Graph,
  wrt: readonly string[],
  start: { readonly target: string; readonly weights: string },
  options: RevealCancelOptions,
): Map<string, string> {
  const moving = reachable(graph, wrt);
  const parts = new ChangeParts(b, options.twin);
  const makers = producers(graph);
  const kinds = new Map<Node, Kind>();
  for (const node of graph.nodes) {
    const site = siteOf(graph, node, moving);
    if (site === null) continue;
    const kind = kindOf(site, makers, options);
    kinds.set(node, kind);
    kind.forward?.(parts);
  }
  const values = new Map<string, Pair>([[start.target, { plus: start.weights, minus: start.weights }]]);
  propagate(graph, ops, values, {
    moving,
    isOpen,
    add: (before, more) => ({
      plus: b.emit('Add', [before.plus, more.plus]),
      minus: b.emit('Add', [before.minus, more.minus]),
    }),
    rule: (node, _op, _needs, given) => (kinds.get(node) as Kind).backward(parts, given),
  });
  return new Map(
    wrt.flatMap((tensor) => {
      const pair = values.get(tensor);
      return pair === undefined ? [] : [[tensor, parts.select(parts.difference(tensor), pair)] as const];
    }),
  );
}

/** Activations that can be evaluated anywhere: only these can be at parts of a change. */
const EVERYWHERE: ReadonlySet<string> = new Set(
  (
    'Relu LeakyRelu PRelu Elu Selu Celu Clip HardSigmoid HardSwish Sigmoid Tanh Softplus Softsign Mish Swish Gelu Erf Exp ' +
    'Abs Round Floor Ceil Sign Sin Cos Atan ThresholdedRelu Shrink'
  ).split(' '),
);

/** x to a whole number, which is defined everywhere too. */
function isWholePower({ graph, node }: Site): boolean {
  if (node.op !== 'Pow') return false;
  const exponent = graph.constants.get(node.inputs[1] as string);
  return exponent !== undefined && toFloat64(exponent.data).every((v) => Number.isInteger(v) && v >= 0);
}

/** Linear ops whose weights are not negative. */
const AVERAGES: ReadonlySet<string> = new Set('AveragePool GlobalAveragePool ReduceMean ReduceSum CumSum'.split(' '));

function kindOf(site: Site, makers: ReadonlyMap<string, Node>, { rescale, rescaleAfter }: RevealCancelOptions): Kind {
  const { node, op, active } = site;
  const rule = rescale.choose(site);
  if (typeof rule === 'string') return refusal(node, rule);
  const weighted = weightedKind(site);
  if (weighted !== null) return weighted;
  const ofFirst = active.length === 1 && active[0] === 0;
  if (ofFirst && ((op.relevance === 'unary' && EVERYWHERE.has(node.op)) || isWholePower(site))) {
    return isBehind(node, makers, rescaleAfter) ? scaledKind(site, rescale) : revealingKind(site, rescale);
  }
  if (op.relevance === 'shape') return movedKind(site);
  if (op.relevance === 'sum' && active.length > 1) return summedKind(site);
  return AVERAGES.has(node.op) ? averagedKind(site) : bySignKind(site, rule);
}

/** Nodes without a rule are no fault as long as no value reaches them. */
function refusal(node: Node, reason: string): Kind {
  return {
    backward() {
      throw noRule(node, reason);
    },
  };
}
