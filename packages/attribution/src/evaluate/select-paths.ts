import type { MovingTensor } from '@pathwise/model';
import type { StraightPaths } from '../path.ts';
import type { PathEnds } from './integral.ts';
import { gatherRows } from './rows.ts';

/** Some of the paths, in the order given. */
export function selectPaths(paths: StraightPaths, chosen: readonly number[]): StraightPaths {
  const rows = (data: Float64Array, size: number): Float64Array => {
    const out = new Float64Array(chosen.length * size);
    for (const [i, path] of chosen.entries()) out.set(data.subarray(path * size, (path + 1) * size), i * size);
    return out;
  };
  const moving: MovingTensor[] = paths.moving.map((t) => ({
    ...t,
    from: rows(t.from, t.size),
    to: rows(t.to, t.size),
  }));
  const { objective } = paths;
  return {
    ...paths,
    count: chosen.length,
    moving,
    fixed: Object.fromEntries(
      Object.entries(paths.fixed).map(([name, t]) => [name, t.shape[0] === 1 ? t : gatherRows(t, chosen)]),
    ),
    objective: {
      tensor: objective.tensor,
      rows: objective.rows.length === 1 ? objective.rows : chosen.map((path) => objective.rows[path]),
    },
  };
}

/** The ends of some of the paths. */
export function selectEnds(ends: PathEnds, chosen: readonly number[]): PathEnds {
  return { from: Float64Array.from(chosen, (p) => ends.from[p]), to: Float64Array.from(chosen, (p) => ends.to[p]) };
}
