import { ALONG_AXES } from './along-axes.ts';
import { ELEMENT_WISE } from './element-wise.ts';
import type { Generators } from './generated-case.ts';
import { PRODUCTS } from './products.ts';
import { RECURRENT } from './recurrent.ts';
import { SAMPLING } from './sampling.ts';
import { SCATTER } from './scatter.ts';
import { STRUCTURE } from './structure.ts';
import { WINDOWS } from './windows.ts';

/** Cases for every op with a gradient, but for those that `generated-gradients.test.ts` lists with a reason. */
export const GENERATORS: Generators = {
  ...ALONG_AXES,
  ...ELEMENT_WISE,
  ...PRODUCTS,
  ...RECURRENT,
  ...SAMPLING,
  ...SCATTER,
  ...STRUCTURE,
  ...WINDOWS,
};
