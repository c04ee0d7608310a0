import { numbersAttr, without, type ImportNode, type Normalize } from './normalize.ts';

/** The exponent was a float before opset 2. */
export const integerExponent: Normalize<ImportNode> = (node) => {
  const { p } = node.attrs;
  return typeof p === 'number' && node.version < 2 ? { ...node, attrs: { ...node.attrs, p: Math.trunc(p) } } : node;
};

/** Selu's constants had fewer digits before opset 6. */
export const selu: Normalize = (node) =>
  node.version < 6 ? { ...node, attrs: { alpha: 1.6732, gamma: 1.0507, ...node.attrs } } : node;

/** Whether all steps are returned was once said by an attribute; outputs that are not asked for say it now. */
export const recurrent: Normalize = (node) => (node.version < 7 ? without(node, 'output_sequence') : node);

/** ai.onnx 1 pools LpPool over everything when it has no kernel. */
export const lpPool: Normalize = (node, context) => {
  const whole = integerExponent(node, context);
  if (numbersAttr(whole, 'kernel_shape') !== undefined || node.version >= 2) return whole;
  return { ...whole, attrs: { ...whole.attrs, kernel_shape: context.b.shape(node.inputs[0] as string).slice(2) } };
};
