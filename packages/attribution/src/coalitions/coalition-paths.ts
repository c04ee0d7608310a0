import type { Warning } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { Coalition } from '../evaluate/coalition-rounds.ts';
import type { Integration, IntegrationOptions } from '../evaluate/integral.ts';
import { integrate } from '../evaluate/integrate.ts';
import { selectPaths } from '../evaluate/select-paths.ts';
import { endsOf } from '../input-paths.ts';
import { displacement, type StraightPaths } from '../path.ts';
import type { PlayerMap } from './players.ts';

/** Of the path of a row from the baseline with the players of a coalition at the input already. */
export interface CoalitionPath {
  /** F at its start. */
  readonly output: number;
  /** What each player contributes along it; null where nothing was integrated. */
  readonly contributions: Float64Array | null;
  /** The stated error of all elements' contributions together, L1; null: no estimate. */
  readonly error: number | null;
  readonly met: boolean | null;
}

export interface CoalitionPaths {
  /** [row * coalitions + c] */
  readonly paths: readonly CoalitionPath[];
  readonly warnings: readonly Warning[];
}

/** Elements of all paths that are held at once. */
const MOST_ELEMENTS = 2 ** 20;

/**
 * The paths from all coalitions to the input, of which as many are held at once as memory allows; what one gives does not
 * depend on the others.
 *
 * @param single - one path a row, from the baseline to the input
 * @param integration - null: only F at the starts is wanted
 */
export async function integrateCoalitions(
  context: Context,
  single: StraightPaths,
  players: PlayerMap,
  coalitions: readonly Coalition[],
  integration: Integration | null,
): Promise<CoalitionPaths> {
  const { evaluation, outputAtInput } = context;
  const total = single.count * coalitions.length;
  const most = Math.max(1, Math.floor(MOST_ELEMENTS / players.ofElement.length));
  const chunks = Math.ceil(total / most);
  const found: CoalitionPath[] = [];
  const warnings = new Map<string, Warning>();
  const { onProgress } = evaluation;
  /** Progress is counted in paths where they come in several lots. */
  const options = (chosen: readonly number[]): IntegrationOptions => ({
    ...evaluation,
    onProgress:
      chunks === 1 || onProgress === undefined
        ? onProgress
        : (p) => onProgress({ ...p, done: chosen[0] + Math.floor((chosen.length * p.done) / p.total), total }),
  });
  for (let chunk = 0; chunk < chunks; chunk++) {
    const chosen = Array.from({ length: Math.min(most, total - chunk * most) }, (_, i) => chunk * most + i);
    const rows = chosen.map((path) => Math.floor(path / coalitions.length));
    const own = chosen.map((path) => coalitions[path % coalitions.length]);
    const paths = fromCoalitions(selectPaths(single, rows), players, own);
    const each = { paths, baselines: { count: 1, weights: [1], values: {}, random: false } };
    const ends = await endsOf(
      context,
      each,
      rows.map((row) => outputAtInput[row]),
    );
    const integral = integration === null ? null : await integrate(paths, ends, integration, options(chosen));
    for (const warning of integral?.warnings ?? []) warnings.set(warning.message, warning);
    for (const path of chosen.keys()) {
      const output = ends.from[path];
      if (integral === null) {
        found.push({ output, contributions: null, error: null, met: null });
        continue;
      }
      const { contributions, norm } = sumByPlayer(displacement(paths, path), integral.gradients[path], players);
      const relative = integral.errors?.[path];
      found.push({
        output,
        contributions,
        error: relative === undefined ? null : norm * relative,
        met: integral.met?.[path] ?? null,
      });
    }
  }
  return { paths: found, warnings: [...warnings.values()] };
}

/** Path k starts with the players of coalition k at the input; elements of no player are there on every path. */
function fromCoalitions(
  paths: StraightPaths,
  { ofElement }: PlayerMap,
  coalitions: readonly Coalition[],
): StraightPaths {
  let first = 0;
  const moving = paths.moving.map((t) => {
    const from = t.from.slice();
    for (const [path, { isIn }] of coalitions.entries()) {
      for (let i = 0; i < t.size; i++) {
        const player = ofElement[first + i];
        if (player < 0 || isIn[player]) from[path * t.size + i] = t.to[path * t.size + i];
      }
    }
    first += t.size;
    return { ...t, from };
  });
  return { ...paths, moving };
}

/** Displacement * mean gradient summed over each player's elements, and the L1 norm over the elements. */
function sumByPlayer(
  delta: Float64Array,
  gradient: Float64Array,
  { count, ofElement }: PlayerMap,
): { readonly contributions: Float64Array; readonly norm: number } {
  const contributions = new Float64Array(count);
  let norm = 0;
  for (let i = 0; i < delta.length; i++) {
    const value = delta[i] * gradient[i];
    norm += Math.abs(value);
    if (ofElement[i] >= 0) contributions[ofElement[i]] += value;
  }
  return { contributions, norm };
}
