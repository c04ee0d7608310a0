import type { Warning } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { Coalition } from '../evaluate/coalition-rounds.ts';
import { l1, type Integration, type IntegrationOptions, type PathEnds } from '../evaluate/integral.ts';
import { integrate } from '../evaluate/integrate.ts';
import { selectPaths } from '../evaluate/select-paths.ts';
import { endsOf } from '../input-paths.ts';
import { displacement, type StraightPaths } from '../path.ts';
import type { PlayerMap } from './players.ts';

/** The path of a row from the baseline with the players of a coalition at the input already. */
export interface CoalitionPath {
  readonly row: number;
  /** Index of the coalition. */
  readonly coalition: number;
  /** F at its start. */
  readonly output: number;
  /** What each element contributes along it; null where nothing was integrated. */
  readonly contributions: Float64Array | null;
  /** The stated error of all contributions together, L1; null: no estimate. */
  readonly error: number | null;
  readonly met: boolean | null;
  /** Of each contribution; null unless asked for. */
  readonly standardErrors: Float64Array | null;
}

/** Elements of all paths that are held at once. */
const MOST_ELEMENTS = 2 ** 20;

export interface CoalitionOptions {
  /** null: only F at the starts is wanted. */
  readonly integration: Integration | null;
  readonly standardErrors?: boolean;
  /** Called once a path: all coalitions of a row, then those of the next. */
  readonly visit: (path: CoalitionPath) => void;
}

/**
 * Integrates along the paths from all coalitions to the input, of which as many are held at once as memory allows; what
 * one gives does not depend on the others.
 *
 * @param single - one path a row, from the baseline to the input
 */
export async function integrateCoalitions(
  context: Context,
  single: StraightPaths,
  players: PlayerMap,
  coalitions: readonly Coalition[],
  { integration, standardErrors = false, visit }: CoalitionOptions,
): Promise<readonly Warning[]> {
  const { evaluation, outputAtInput } = context;
  const total = single.count * coalitions.length;
  const most = Math.max(1, Math.floor(MOST_ELEMENTS / players.ofElement.length));
  const warnings = new Map<string, Warning>();
  const { onProgress } = evaluation;
  /** Progress is counted in paths where they come in several lots. */
  const options = (chosen: readonly number[]): IntegrationOptions => ({
    ...evaluation,
    standardErrors,
    onProgress:
      total <= most || onProgress === undefined
        ? onProgress
        : (p) => onProgress({ ...p, done: chosen[0] + Math.floor((chosen.length * p.done) / p.total), total }),
  });
  for (let start = 0; start < total; start += most) {
    const chosen = Array.from({ length: Math.min(most, total - start) }, (_, i) => start + i);
    const rows = chosen.map((path) => Math.floor(path / coalitions.length));
    const own = chosen.map((path) => coalitions[path % coalitions.length]);
    const paths = fromCoalitions(selectPaths(single, rows), players, own);
    const each = { paths, baselines: { count: 1, weights: [1], values: {}, random: false } };
    const atInput = rows.map((row) => outputAtInput[row]);
    const ends = await endsOf(context, each, atInput);
    const known = (): Promise<PathEnds> => Promise.resolve(ends);
    const integral = integration === null ? null : await integrate(paths, known, integration, options(chosen));
    for (const warning of integral?.warnings ?? []) warnings.set(warning.message, warning);
    for (const [i, path] of chosen.entries()) {
      const gradient = integral?.gradients[i];
      const contributions = gradient && displacement(paths, i).map((d, e) => d * gradient[e]);
      const relative = integral?.errors?.[i];
      visit({
        row: rows[i],
        coalition: path % coalitions.length,
        output: ends.from[i],
        contributions: contributions ?? null,
        error: contributions === undefined || relative === undefined ? null : relative * l1(contributions),
        met: integral?.met?.[i] ?? null,
        standardErrors: integral?.standardErrors?.[i] ?? null,
      });
    }
  }
  return [...warnings.values()];
}

/** Path k starts with the players of coalition k at the input; elements of no player are there on every path. */
export function fromCoalitions(
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

/** The sum of the elements of each player. */
export function sumByPlayer(values: ArrayLike<number>, { count, ofElement }: PlayerMap): Float64Array {
  const sums = new Float64Array(count);
  for (const [element, player] of ofElement.entries()) if (player >= 0) sums[player] += values[element];
  return sums;
}
