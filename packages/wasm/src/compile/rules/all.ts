import { convolutionRules } from './convolution.ts';
import { einsumRules } from './einsum.ts';
import { elementwiseRules } from './elementwise.ts';
import { lookUpRules } from './look-up.ts';
import { movementRules } from './movement.ts';
import { normalizationRules } from './normalization.ts';
import { poolingRules } from './pooling.ts';
import { productRules } from './products.ts';
import { reductionRules } from './reductions.ts';
import { resizingRules } from './resizing.ts';
import { selectionRules } from './selection.ts';
import type { Rule } from './rule.ts';

/** How each op is made of steps. Ops that are not here are lowered to simpler ones first, or refused. */
export const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    ...convolutionRules,
    ...einsumRules,
    ...elementwiseRules,
    ...lookUpRules,
    ...movementRules,
    ...normalizationRules,
    ...poolingRules,
    ...productRules,
    ...reductionRules,
    ...resizingRules,
    ...selectionRules,
  }),
);
