import type { Normalize } from './normalize.ts';
import { attributeToInput } from './normalize.ts';

/** `axes` became an input: in opset 13 of ReduceSum, Squeeze and Unsqueeze, in opset 18 of the other reductions. */
export const axesToInput: Normalize = (node, { b }) => attributeToInput(node, b, 'axes', 1);
