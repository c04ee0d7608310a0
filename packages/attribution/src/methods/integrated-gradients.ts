import { straightPathClaims } from '../axioms/axiom.ts';
import type { Objective } from '@pathwise/model';
import type { Context } from '../context.ts';
import type { PathEnds, PathIntegral } from '../evaluate/integral.ts';
import { integrate } from '../evaluate/integrate.ts';
import { inputPaths, lateEnds } from '../input-paths.ts';
import { resolveIntegration } from '../integration.ts';
import type { Method, Outcome } from '../method.ts';
import { pathOutcome } from '../outcome.ts';
import type { ParamSpec } from '../params.ts';
import type { PartialAttribution } from '../request.ts';

export const multiplyByInputs: ParamSpec = {
  name: 'multiplyByInputs',
  type: 'boolean',
  default: true,
  doc: 'Multiply by the difference to the baseline; without it the result is the mean gradient.',
};

/**
 * Attributes the target to the inputs by integrating gradients along the straight line from the baseline:
 * A_i = (x_i - x'_i) * integral over alpha in [0, 1] of dF/dx_i at (1 - alpha) x' + alpha x.
 *
 * Several attributed inputs move together. For a set of baselines the result is the weighted mean over the set.
 *
 * @source Sundararajan, Taly, Yan 2017, Axiomatic Attribution for Deep Networks, arXiv:1703.01365, equation 1
 */
export const integratedGradients: Method = {
  id: 'integrated-gradients',
  title: 'Integrated gradients',
  summary: 'What each feature contributed to the change of the target from a baseline to the input.',
  modalities: ['tabular', 'image', 'text', 'series', 'audio'],
  needs: ['gradient'],
  takes: { target: true, baseline: 'set', layer: false, neuron: false, quadrature: true },
  params: [multiplyByInputs],
  evaluatesInput: true,
  unit: 'contribution',
  claims: straightPathClaims,
  reference: 'Sundararajan, Taly, Yan 2017, arXiv:1703.01365',
  attribute: (context) => integrateInputs(context, context.target.objective, context.outputAtInput),
};

function partialOf({
  attributions,
  outputAtInput,
  outputAtBaseline = null,
  convergenceDelta = null,
  error = null,
}: Outcome): PartialAttribution {
  return { attributions, outputAtInput, outputAtBaseline, convergenceDelta, error };
}

/**
 * Integrated gradients of any scalar of the model with respect to the attributed tensors.
 *
 * @param outputAtInput - the scalar at the input, one a row; empty where it is not known yet
 */
export async function integrateInputs(
  context: Context,
  objective: Objective,
  outputAtInput: readonly number[],
): Promise<Outcome> {
  const { request, evaluation, params } = context;
  const multiply = params['multiplyByInputs'] === true;
  const integration = resolveIntegration(request);
  const path = await inputPaths(context, objective);
  const ends = lateEnds(context, path, outputAtInput);
  const outcomeOf = (integral: PathIntegral, known: PathEnds): Outcome =>
    pathOutcome(context, path, known, integral, {
      multiply,
      exact: integration.kind === 'exact',
      outputAtInput: Array.from({ length: context.rows }, (_, row) => known.to[row * path.baselines.count]),
    });
  // Rounds of refinement have them from the start on.
  const early = integration.kind === 'adaptive' ? await ends(path.paths) : null;
  const { onPartial } = request;
  const integral = await integrate(path.paths, ends, integration, {
    ...evaluation,
    standardErrors: request.standardErrors === true,
    skipStill: multiply,
    onRound: onPartial && early ? (part) => onPartial(partialOf(outcomeOf(part, early))) : undefined,
  });
  return outcomeOf(integral, await ends(path.paths));
}
