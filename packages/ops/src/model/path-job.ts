import { rowsOf, type Feeds, type PathBundle, type Tensor } from '@pathwise/model';
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

/** The start of the first path, as the feeds of one row. */
export function firstPath({ moving, fixed }: PathBundle): Feeds {
  const feeds: Record<string, Tensor> = {};
  for (const [name, feed] of Object.entries(fixed)) feeds[name] = feed.shape[0] === 1 ? feed : rowsOf(feed, 0, 1);
  for (const { name, shape, size, from } of moving) {
    feeds[name] = { dtype: 'float32', shape: [1, ...shape], data: from.subarray(0, size) };
  }
  return feeds;
}
