import type { DifferentiatedGraph, PathNames } from '@pathwise/graph';

/** What a path job needs of a gradient graph; null where a gradient is zero, or two results are the same tensor. */
export function pathNames(
  target: string,
  {
    graph,
    seeds,
    gradients,
  }: Pick<DifferentiatedGraph, 'graph' | 'seeds'> & {
    readonly gradients: ReadonlyMap<string, string | null>;
  },
): PathNames | null {
  const seed = seeds.get(target);
  const own = [...gradients.values()].filter((name) => name !== null);
  if (seed === undefined || !graph.inputs.includes(seed) || own.length < gradients.size) return null;
  return new Set([target, ...own]).size <= own.length ? null : { seed, target, gradients: own };
}
