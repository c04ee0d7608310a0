import { argumentError } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { Outcome } from '../method.ts';
import { fitRows, type Design, type Fit } from './drawn-design.ts';
import { gameOf } from './game.ts';
import { fittedOutcome } from './outcome.ts';
import type { PlayerMap } from './players.ts';

/**
 * The values of a regression on the coalitions of a design; `drawn` says whether some of them were drawn.
 *
 * @param enough - what `samples` would have to be where the design leaves the values undetermined
 * @throws PathwiseError BAD_ARGUMENT if it does, before anything is evaluated
 */
export async function regress(
  context: Context,
  players: PlayerMap,
  { design, solverFor, enough }: { design: Design; solverFor: Fit['solverFor']; enough: string },
): Promise<{ outcome: Outcome; drawn: boolean }> {
  const { params, method } = context;
  const solver = solverFor(design.weights);
  if (solver === null) throw argumentError(method, 'parameter samples', enough, Number(params['samples']));
  const game = await gameOf(context, players);
  const tolerance = Number(params['tolerance']);
  const estimates = await fitRows(game, players, { design, solver, solverFor, tolerance });
  const drawn = design.draws.length > 0;
  return { outcome: fittedOutcome(context, game, players, { estimates, drawn }), drawn };
}
