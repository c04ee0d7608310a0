import { argumentError, PathwiseError } from '@pathwise/model';
import type { Integration } from './evaluate/integral.ts';
import { quadratureRules, type QuadratureRule } from './quadrature/rules.ts';
import type { AttributionRequest } from './request.ts';

export const DEFAULT_TOLERANCE = 0.05;
export const DEFAULT_STEPS = 50;
const DEFAULT_MAX_EVALUATIONS = 1024;

/**
 * The way of integrating that a request asks for: fixed nodes with `steps` or a fixed rule, breakpoints with `exact`,
 * otherwise adaptively to a tolerance.
 * @throws PathwiseError BAD_ARGUMENT for contradictions
 */
export function resolveIntegration(request: AttributionRequest): Integration {
  const { steps, tolerance, exact = false, quadrature, maxEvaluations = DEFAULT_MAX_EVALUATIONS } = request;
  const asked = Object.entries({ steps, tolerance, exact: exact || undefined }).filter(([, v]) => v !== undefined);
  if (asked.length > 1) {
    throw contradiction(`${asked.map(([name]) => name).join(' and ')} exclude each other: give one of them`);
  }
  if (exact) {
    if (quadrature !== undefined) throw contradiction(`exact follows breakpoints and takes no quadrature`);
    return { kind: 'exact' };
  }
  if (steps !== undefined && (!Number.isInteger(steps) || steps < 1)) {
    throw argumentError('quadrature', 'steps', 'an integer of at least 1', steps);
  }
  const rule = quadrature ?? (steps === undefined ? 'adaptive' : 'gauss-legendre');
  if (rule === 'adaptive') {
    if (steps !== undefined) throw contradiction('adaptive quadrature takes a tolerance, not steps');
    return adaptive(tolerance ?? DEFAULT_TOLERANCE, maxEvaluations);
  }
  if (!quadratureRules.includes(rule)) {
    throw argumentError('quadrature', 'rule', `one of ${[...quadratureRules, 'adaptive'].join(', ')}`, rule);
  }
  if (tolerance !== undefined) throw contradiction(`${rule} takes steps; a tolerance needs adaptive quadrature`);
  if (request.standardErrors === true) throw contradiction('standardErrors need adaptive quadrature');
  if (request.maxEvaluations !== undefined) throw contradiction('maxEvaluations belongs to adaptive quadrature');
  return { kind: 'fixed', rule, steps: steps ?? DEFAULT_STEPS };
}

/**
 * The steps of methods that take nothing else of a quadrature.
 * @throws PathwiseError BAD_ARGUMENT
 */
export function curveSteps(method: string, steps: number = DEFAULT_STEPS): number {
  if (!Number.isInteger(steps) || steps < 1) throw argumentError(method, 'steps', 'an integer of at least 1', steps);
  return steps;
}

/**
 * The fixed rule that a request asks for, of a method that has no adaptive quadrature.
 * @throws PathwiseError BAD_ARGUMENT for `adaptive`, and for steps that the rule does not take
 */
export function resolveFixed(request: AttributionRequest, otherwise: QuadratureRule): Integration & { kind: 'fixed' } {
  const integration = resolveIntegration({ ...request, quadrature: request.quadrature ?? otherwise });
  if (integration.kind === 'fixed') return integration;
  throw argumentError('quadrature', 'rule', `one of ${quadratureRules.join(', ')}`, request.quadrature);
}

function adaptive(tolerance: number, maxEvaluations: number): Integration {
  if (!(tolerance > 0) || !Number.isFinite(tolerance)) {
    throw argumentError('quadrature', 'tolerance', 'a number above 0', tolerance);
  }
  if (!Number.isInteger(maxEvaluations) || maxEvaluations < 9) {
    throw argumentError('quadrature', 'maxEvaluations', 'an integer of at least 9', maxEvaluations);
  }
  return { kind: 'adaptive', tolerance, maxEvaluations };
}

function contradiction(message: string): PathwiseError {
  return new PathwiseError('BAD_ARGUMENT', `quadrature: ${message}`);
}
