import {
  PathwiseError,
  type Blocker,
  type DifferentiableModel,
  type Support,
  type SupportRequest,
} from '@pathwise/model';
import type { Method } from './method.ts';
import { resolveParams } from './params.ts';
import type { AttributionRequest } from './request.ts';

/** Whether a model can do all that a method needs; otherwise the ops in the way. */
export function supportOf(
  model: DifferentiableModel,
  method: Method,
  request: Partial<AttributionRequest> = {},
): Support {
  const exact = request.exact === true ? (['breakpoints'] as const) : [];
  const needs = [...method.needs, ...(method.needsFor?.(request) ?? []), ...exact];
  const missing = needs.flatMap((capability): readonly Blocker[] => {
    const support = model.supports(capability, capability === 'propagate' ? propagationOf(method, request) : undefined);
    return support.ok ? [] : support.missing;
  });
  return missing.length === 0 ? { ok: true } : { ok: false, missing };
}

/** The backward pass that a request means. */
function propagationOf(
  method: Method,
  { params, output, scale }: Partial<AttributionRequest>,
): SupportRequest | undefined {
  const propagation = method.propagation?.(resolveParams(method.id, method.params, params));
  const chosen = scale ?? (method.fromLogits === true ? 'logit' : undefined);
  return propagation && { propagation, output, scale: chosen };
}

/** @throws PathwiseError UNSUPPORTED_METHOD naming the first node, op and reason */
export function checkSupport(model: DifferentiableModel, method: Method, request: AttributionRequest): void {
  const support = supportOf(model, method, request);
  if (support.ok) return;
  const [{ node, op, reason }] = support.missing as [Blocker];
  const more = support.missing.length > 1 ? ` (and ${support.missing.length - 1} more)` : '';
  throw new PathwiseError('UNSUPPORTED_METHOD', `${method.id}: node "${node}" (${op}): ${reason}${more}`, { node, op });
}

/** Whether the result depends on the target: all but the plain values of a layer do. */
export function looksAtTarget({ needs, takes }: Method): boolean {
  return takes.layer !== true || needs.includes('gradient') || needs.includes('propagate');
}
