import type { RuleEntry, RuleMatch, RelevancePropagation } from '@pathwise/model';
import type { Graph } from '@pathwise/graph';
import { reachable, siteOf, type Site } from './rule.ts';

/** Says which entry of a composite holds for a node. */
export type ChooseRule = (site: Site) => RuleEntry | null;

/** The rules of a composite on a graph; null where no entry matches. */
export function compositeRules(
  { composite }: RelevancePropagation,
  graph: Graph,
  moving: ReadonlySet<string>,
  wrt: readonly string[],
): ChooseRule {
  const behind = composite.some(({ match }) => match.first) ? behindWeights(graph, moving, wrt) : new Set<string>();
  const isFirst = ({ node, active }: Site): boolean => active.every((i) => !behind.has(node.inputs[i] as string));
  return (site) => composite.find(({ match, rule }) => fits(match, site, isFirst) && applies(rule, site))?.rule ?? null;
}

function fits({ ops, classes, first, name }: RuleMatch, site: Site, isFirst: (site: Site) => boolean): boolean {
  if (ops !== undefined && !ops.includes(site.node.op)) return false;
  if (classes !== undefined && !classes.includes(site.op.relevance)) return false;
  if (name !== undefined && !globbed(name).test(site.node.name)) return false;
  return first !== true || isFirst(site);
}

/** Rules for weights say nothing about other nodes, except in proportion to values. */
function applies({ rule }: RuleEntry, { op }: Site): boolean {
  return op.relevance === 'weighted-linear' || ['epsilon', 'pass', 'gradient'].includes(rule);
}

/** Tensors that depend on `wrt` through at least one weighted node. */
function behindWeights(graph: Graph, moving: ReadonlySet<string>, wrt: readonly string[]): Set<string> {
  const made = graph.nodes.filter((node) => siteOf(graph, node, moving)?.op.relevance === 'weighted-linear');
  const outputs = made.flatMap((node) => node.outputs.filter((output) => output !== '' && !wrt.includes(output)));
  return reachable(graph, outputs);
}

function globbed(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/gu, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 'u');
}
