import { attributeToInput, intAttr, without, withInput, type Normalize } from './normalize.ts';

/** Bounds and axes became inputs in opset 10. */
export const slice: Normalize = (node, { b }) => {
  if (node.version >= 10) return node;
  const started = attributeToInput(attributeToInput(node, b, 'starts', 1), b, 'ends', 2);
  return attributeToInput(started, b, 'axes', 3);
};

/** Amounts (once `paddings`) and value became inputs in opset 11. */
export const pad: Normalize = (node, { b }) => {
  if (node.version >= 11) return node;
  const amounts = attributeToInput(attributeToInput(node, b, 'pads', 1), b, 'paddings', 1);
  const value = intAttr(node, 'value', 0);
  const filled =
    value === 0
      ? amounts.inputs
      : withInput(amounts.inputs, 2, b.scalar(value, b.type(node.inputs[0] as string).dtype));
  return without({ ...amounts, inputs: filled }, 'value');
};

/** Sizes became an input in opset 13; without them the parts are equal, which opset 18 says by their number. */
export const split: Normalize = (node, { b }) => {
  if (node.version >= 18) return node;
  const sized = node.version < 13 ? attributeToInput(node, b, 'split', 1) : node;
  if (sized.inputs.length > 1 && sized.inputs[1] !== '') return sized;
  return { ...sized, attrs: { ...sized.attrs, num_outputs: node.outputs.length } };
};

/** The number of elements became an input in opset 10. */
export const topK: Normalize = (node, { b }) => {
  if (node.version >= 10) return node;
  return without({ ...node, inputs: withInput(node.inputs, 1, b.ints([intAttr(node, 'k', 1)])) }, 'k');
};

/** Tile-1 repeats along one axis. */
export const tile: Normalize = (node, { b }) => {
  if (node.version >= 6) return node;
  const [x = '', times = '', axis = ''] = node.inputs;
  const number = (ref: string): number => Number(b.constantOf(ref)?.data[0] ?? Number.NaN);
  const repeats = b.shape(x).map((_, i) => (i === number(axis) ? number(times) : 1));
  return { ...node, inputs: [x, b.ints(repeats)] };
};

/** Reshape-1 has the shape as an attribute. */
export const reshape: Normalize = (node, { b }) => (node.version < 5 ? attributeToInput(node, b, 'shape', 1) : node);

/** The axis of Concat was optional in opset 1. */
export const concat: Normalize = (node) =>
  node.version < 4 && node.attrs['axis'] === undefined ? { ...node, attrs: { ...node.attrs, axis: 1 } } : node;

/** Scatter was named ScatterElements in opset 11. */
export const scatter: Normalize = (node) => ({ ...node, op: 'ScatterElements' });
