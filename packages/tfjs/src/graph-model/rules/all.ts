import type { Rule } from '../call.ts';
import { arithmeticRules } from './arithmetic.ts';
import { convolutionRules } from './conv-2d.ts';
import { elementWiseRules } from './element-wise.ts';
import { fillingRules } from './filling.ts';
import { gatheringRules } from './gathering.ts';
import { imageRules } from './images.ts';
import { joiningRules } from './joining.ts';
import { poolingRules } from './max-pool.ts';
import { normalizationRules } from './normalization.ts';
import { orderingRules } from './ordering.ts';
import { paddingRules } from './padding.ts';
import { productRules } from './mat-mul.ts';
import { reductionRules } from './reductions.ts';
import { shapeRules } from './shapes.ts';
import { slicingRules } from './slicing.ts';

/** Every op of TensorFlow that is read, under its name there. */
export const rules: ReadonlyMap<string, Rule> = new Map(
  Object.entries({
    ...arithmeticRules,
    ...convolutionRules,
    ...elementWiseRules,
    ...fillingRules,
    ...gatheringRules,
    ...imageRules,
    ...joiningRules,
    ...normalizationRules,
    ...orderingRules,
    ...paddingRules,
    ...poolingRules,
    ...productRules,
    ...reductionRules,
    ...shapeRules,
    ...slicingRules,
  }),
);
