import { intAttr, without, type Normalize } from './normalize.ts';

/** The bounds became inputs in opset 11. */
export const clip: Normalize = (node, { b }) => {
  if (node.version >= 11) return node;
  const [x = ''] = node.inputs;
  const { dtype } = b.type(x);
  const bound = (name: string): string =>
    node.attrs[name] === undefined ? '' : b.scalar(intAttr(node, name, 0), dtype);
  return without({ ...node, inputs: [x, bound('min'), bound('max')] }, 'min', 'max');
};
