import { PathwiseError } from '@pathwise/model';
import { isAccurate } from './accuracy.ts';
import { evaluateCoalitions, type Game } from './game.ts';
import { listedCoalitions } from './player-coalitions.ts';
import type { PlayerMap } from './players.ts';

/** Coalitions of a regression, with weights of sum 1. */
export interface Design {
  /** Enumerated ones first, then drawn ones in the order in which they were first drawn; 1 where a player is present. */
  readonly coalitions: readonly Uint8Array[];
  readonly weights: Float64Array;
  /** Of each draw the coalitions that it added or repeated. */
  readonly draws: readonly (readonly number[])[];
  /** What the sampled coalitions weigh together. */
  readonly sampledWeight: number;
}

/** Solves for the values of all players from v(S) - v(none) of each coalition and v(all) - v(none). */
export type DesignSolver = (gains: (coalition: number) => number, change: number) => Float64Array;

/** The values of one row, with standard errors where draws allow to state them. */
export interface Estimate {
  readonly values: Float64Array;
  readonly errors: Float64Array | null;
  /** Coalitions that it rests on. */
  readonly coalitions: number;
}

export interface Fit {
  readonly design: Design;
  /** For the whole design. */
  readonly solver: DesignSolver;
  /** Null where weights leave the values undetermined. */
  readonly solverFor: (weights: Float64Array) => DesignSolver | null;
  readonly tolerance: number;
}

/** A regression solves as many equations. */
const MOST_PLAYERS = 512;

/** @throws PathwiseError LIMIT_EXCEEDED for more players than a regression is solved for */
export function checkRegressed(method: string, players: number): void {
  if (players <= MOST_PLAYERS) return;
  const advice = 'Group features with a feature mask, or use shapley-sampling';
  throw new PathwiseError('LIMIT_EXCEEDED', `${method}: ${players} players; at most ${MOST_PLAYERS}. ${advice}`);
}

/** Parts that draws are left out by, for standard errors. */
const BLOCKS = 10;
/** Draws before the first look at the standard errors; twice as many before the next. */
const FIRST_LOOK = 64;

/**
 * Fits a regression to v for every row. Draws are evaluated in parts that double; a row takes no more once its standard
 * errors are within the tolerance. Where the looks fall depends on nothing but the number of draws.
 */
export async function fitRows(game: Game, players: PlayerMap, fit: Fit): Promise<Estimate[]> {
  const { design, tolerance, solverFor } = fit;
  const { evaluation } = game;
  const values = Array.from({ length: game.rows }, () => new Float64Array(design.coalitions.length));
  const found: Estimate[] = [];
  let open = values.map((_, row) => row);
  let done = 0;
  for (let look = FIRST_LOOK; open.length > 0; look *= 2) {
    const draws = tolerance === 0 ? design.draws.length : Math.min(look, design.draws.length);
    const part = firstDraws(design, draws);
    const total = part.coalitions.length;
    const fresh = part.coalitions.flatMap((coalition, k) => (k >= done && !isEnd(coalition) ? [k] : []));
    const known = done;
    const more = await evaluateCoalitions(
      game,
      listedCoalitions(
        players,
        fresh.map((k) => part.coalitions[k]),
      ),
      {
        rows: open,
        onDone: (n) =>
          evaluation.onProgress?.({ phase: 'coalitions', done: known + n, total: design.coalitions.length }),
      },
    );
    for (const [at, row] of open.entries()) {
      for (let k = done; k < total; k++)
        if (isEnd(part.coalitions[k])) values[row][k] = atEnd(game, part.coalitions[k], row);
      for (const [n, k] of fresh.entries()) values[row][k] = more[n * open.length + at];
    }
    done = total;
    const isWhole = draws === design.draws.length;
    const solver = isWhole ? fit.solver : solverFor(part.weights);
    if (solver === null) continue;
    const parts = withoutBlocks(part, solverFor);
    const solve = (by: DesignSolver, row: number): Float64Array =>
      by((k) => values[row][k] - game.atBaseline[row], game.atInput[row] - game.atBaseline[row]);
    for (const row of open) {
      const own = solve(solver, row);
      const errors = parts === null ? null : jackknife(parts.map((by) => solve(by, row)));
      found[row] = { values: own, errors, coalitions: total };
    }
    if (isWhole) break;
    open = open.filter((row) => !isAccurate(found[row].values, found[row].errors, tolerance));
  }
  return found;
}

/** Nobody or all: known already. */
function isEnd(coalition: Uint8Array): boolean {
  return coalition.every((present) => present === coalition[0]);
}

function atEnd({ atInput, atBaseline }: Game, coalition: Uint8Array, row: number): number {
  return (coalition[0] === 1 ? atInput : atBaseline)[row];
}

/** The design of the first draws alone. */
function firstDraws(design: Design, count: number): Design {
  if (count === design.draws.length) return design;
  const draws = design.draws.slice(0, count);
  const enumerated = enumeratedOf(design);
  const total = draws.reduce((most, draw) => Math.max(most, ...draw.map((k) => k + 1)), enumerated);
  const weights = weightsWithout(design, (draw) => draw >= count).slice(0, total);
  return { ...design, coalitions: design.coalitions.slice(0, total), weights, draws };
}

/** Weights without some of the draws, the others scaled up in their place. */
export function weightsWithout(design: Design, out: (draw: number) => boolean): Float64Array {
  const kept = design.draws.filter((_, draw) => !out(draw));
  const enumerated = enumeratedOf(design);
  const own = design.weights.map((weight, k) => (k < enumerated ? weight : 0));
  for (const draw of kept) for (const k of draw) own[k] += design.sampledWeight / (draw.length * kept.length);
  return own;
}

/** Coalitions that stand there before the drawn ones. */
function enumeratedOf({ draws, weights }: Design): number {
  return draws.reduce((least, draw) => Math.min(least, ...draw), weights.length);
}

/** Solvers of the design without a tenth of the draws each; null when draws are too few for that. */
function withoutBlocks(design: Design, solverFor: Fit['solverFor']): DesignSolver[] | null {
  if (design.draws.length < 2 * BLOCKS) return null;
  const solvers = Array.from({ length: BLOCKS }, (_, block) =>
    solverFor(weightsWithout(design, (draw) => draw % BLOCKS === block)),
  );
  const usable = solvers.filter((solver) => solver !== null);
  return usable.length === BLOCKS ? usable : null;
}

/**
 * Standard errors from what is left without each block.
 * @source Efron, Stein 1981, The jackknife estimate of variance
 */
function jackknife(parts: readonly Float64Array[]): Float64Array {
  const blocks = parts.length;
  return parts[0].map((_, player) => {
    const mean = parts.reduce((sum, part) => sum + part[player], 0) / blocks;
    const squares = parts.reduce((sum, part) => sum + (part[player] - mean) ** 2, 0);
    return Math.sqrt(((blocks - 1) / blocks) * squares);
  });
}
