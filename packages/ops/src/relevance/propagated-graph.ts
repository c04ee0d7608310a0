import { type Blocker, type DeepLiftPropagation, type Propagation } from '@pathwise/model';
import { ancestors, propagate, subgraph, type Graph, type Node } from '@pathwise/graph';
import type { OpBuilder } from '../builder.ts';
import { ops } from '../op-set.ts';
import { optimize } from '../passes/optimize.ts';
import { canonize, type Canonized } from './canonize.ts';
import { DeepLiftRules } from './deep-lift-rules.ts';
import { RelevanceRules } from './lrp-rules.ts';
import { revealCancel } from './reveal-cancel.ts';
import { RectifiedRules } from './rectified-rules.ts';
import { isOpen, noRule, reachable, siteOf, type Choice, type Site } from './rule.ts';
import { emitTwin, type Twin } from './twin.ts';

/** What values of which tensors are asked for, by which rules. */
export interface PropagatedRequest {
  readonly fed: readonly string[];
  /** The tensor that is explained. */
  readonly target: string;
  readonly wrt: readonly string[];
  readonly propagation: Propagation;
  /** Differences up to it count as 0, where the propagation leaves it open. */
  readonly nearZero: number;
}

export interface PropagatedGraph {
  readonly graph: Graph;
  /** Target -> the input that takes the weights of its elements in F, or its relevance. */
  readonly seeds: ReadonlyMap<string, string>;
  /** Tensor of `wrt` -> its value; null where the target does not depend on it. */
  readonly gradients: ReadonlyMap<string, string | null>;
  /** Tensor of `wrt` -> the input that takes its value at the baseline; empty without one. */
  readonly baselines: ReadonlyMap<string, string>;
  /** The target at the baseline; null without one. */
  readonly targetAtBaseline: string | null;
  readonly canonizers: readonly string[];
  /** No node on the way had a rule other than the gradient's. */
  readonly isGradient: boolean;
}

/**
 * The graph of a backward pass by the rules of a propagation: relevance, rectified gradients or multipliers of any
 * tensors. It consists of ordinary nodes, so that every engine runs it.
 * @throws PathwiseError UNSUPPORTED_METHOD naming the first node on the way that has no rule
 */
export function propagatedGraph(graph: Graph, request: PropagatedRequest): PropagatedGraph {
  const part = forwardPart(graph, request);
  const { graph: forward, within } = part;
  const { target, propagation, wrt } = request;
  const b = ops.builder();
  b.include(forward);
  const type = b.type(target);
  const seed = b.input(b.freshName(`seed.${target}`), type.shape, type.dtype);
  const twin = propagation.kind === 'deep-lift' ? emitTwin(b, forward, within) : null;
  const values = carried(b, part, request, startOf(b, target, seed, propagation), twin ?? NO_TWIN);
  const gradients = new Map(wrt.map((name) => [name, values.get(name) ?? null]));
  const results = [...gradients.values()].filter((name) => name !== null);
  const targetAtBaseline = twin === null ? null : twin.at(target);
  const wanted = [...new Set([target, ...(targetAtBaseline === null ? [] : [targetAtBaseline]), ...results])];
  const built = b.build(wanted, `${graph.name}.${propagation.kind}`);
  const given = [
    ...request.fed.filter((name) => forward.inputs.includes(name)),
    seed,
    ...(twin?.inputs.values() ?? []),
  ];
  return {
    graph: optimize(subgraph(built, given, wanted), wanted),
    seeds: new Map([[target, seed]]),
    gradients,
    baselines: twin?.inputs ?? new Map<string, string>(),
    targetAtBaseline,
    canonizers: part.notes,
    isGradient: propagation.kind === 'rectified' && !hasRectifier(part, request),
  };
}

/**
 * The nodes between the tensors of `wrt` and the target that values reach and that have no rule, with reasons, from the
 * target on.
 */
export function propagationBlockers(graph: Graph, request: PropagatedRequest): Blocker[] {
  const part = forwardPart(graph, request);
  const b = ops.builder();
  b.foldBudget = 0;
  b.include(part.graph);
  const { shape, dtype } = b.type(request.target);
  const seed = b.input(b.freshName('seed'), shape, dtype);
  const rules = rulesOf(part, request, NO_TWIN);
  const missing: Blocker[] = [];
  propagate(part.graph, ops, new Map([[request.target, seed]]), {
    moving: part.moving,
    isOpen,
    add: (before, more) => b.emit('Add', [before, more]),
    rule(node, _op, needs, given) {
      const choice = choiceAt(part, node, rules);
      if (typeof choice !== 'string') return choice(b, given);
      missing.push({ node: node.name, op: node.op, reason: choice });
      // What lies behind is asked about, too.
      return node.inputs.map((input, i) => (needs[i] === true ? b.zeros(b.shape(input), input) : null));
    },
  });
  return missing;
}

/** For questions about rules, when nothing is emitted. */
const NO_TWIN: Twin = { inputs: new Map(), at: (tensor) => tensor };

interface Rules {
  choose(site: Site): Choice;
}

function rulesOf(
  { graph, within, moving, unrolled }: ForwardPart,
  { propagation, nearZero }: PropagatedRequest,
  twin: Twin,
): Rules {
  switch (propagation.kind) {
    case 'relevance':
      return new RelevanceRules(propagation, graph, { moving, wrt: within, unrolled });
    case 'rectified':
      return new RectifiedRules(propagation, graph);
    default:
      return new DeepLiftRules(propagation, graph, within, nearZero, twin);
  }
}

function hasRectifier({ graph, moving }: ForwardPart, { target, propagation }: PropagatedRequest): boolean {
  const rules = propagation.kind === 'rectified' ? new RectifiedRules(propagation, graph) : null;
  const onTheWay = ancestors(graph, [target]);
  return graph.nodes.some((node) => {
    const site = node.outputs.some((output) => onTheWay.has(output)) ? siteOf(graph, node, moving) : null;
    return site !== null && rules?.isRectifier(site) === true;
  });
}

/** What the target carries: its weights in F, for relevance usually times its value. */
function startOf(b: OpBuilder, target: string, weights: string, propagation: Propagation): string {
  if (propagation.kind !== 'relevance' || propagation.start === 'one') return weights;
  const value = b.mul(weights, target);
  return propagation.start === 'positive' ? b.relu(value) : value;
}

/** The values of all tensors that the rules reach. */
function carried(
  b: OpBuilder,
  part: ForwardPart,
  request: PropagatedRequest,
  start: string,
  twin: Twin,
): Map<string, string> {
  const { graph, within: wrt } = part;
  const rules = rulesOf(part, request, twin);
  if (rules instanceof DeepLiftRules && isRevealCancel(request.propagation)) {
    const { rescaleAfter } = request.propagation;
    return revealCancel(
      b,
      graph,
      wrt,
      { target: request.target, weights: start },
      { rescale: rules, rescaleAfter, twin },
    );
  }
  const values = new Map([[request.target, start]]);
  propagate(graph, ops, values, {
    moving: part.moving,
    isOpen,
    add: (before, more) => b.emit('Add', [before, more]),
    rule(node, _op, _needs, given) {
      const choice = choiceAt(part, node, rules);
      if (typeof choice === 'string') throw noRule(node, choice);
      return choice(b, given);
    },
  });
  return values;
}

function isRevealCancel(propagation: Propagation): propagation is DeepLiftPropagation {
  return propagation.kind === 'deep-lift' && propagation.rule === 'reveal-cancel';
}

/** The rule of a node that values reach. */
function choiceAt({ graph, moving }: ForwardPart, node: Node, rules: Rules): Choice {
  const site = siteOf(graph, node, moving);
  return site === null ? 'this op is not known' : rules.choose(site);
}

/** The part of a graph between what is fed and the target, in the form that the rules expect. */
interface ForwardPart extends Canonized {
  /** The tensors of `wrt` that the target depends on. */
  readonly within: readonly string[];
  /** Tensors that values can reach. */
  readonly moving: ReadonlySet<string>;
}

function forwardPart(graph: Graph, { fed, target, wrt, propagation }: PropagatedRequest): ForwardPart {
  const computed = ancestors(graph, [target]);
  const within = wrt.filter((name) => computed.has(name));
  const outputs = [...new Set([target, ...within])];
  const canonized = canonize(subgraph(graph, fed, outputs), outputs, propagation);
  return { ...canonized, within, moving: reachable(canonized.graph, within) };
}
