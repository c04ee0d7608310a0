import { sizeOf } from '@pathwise/model';
import { intAttr, type Normalize } from './normalize.ts';

/** Before opset 13 all axes from `axis` (by default 1) on were one: the tensor was made a matrix and back. */
export const flattenedSoftmax: Normalize = (node, { b }) => {
  if (node.version >= 13) return node;
  const [x = ''] = node.inputs;
  const shape = b.shape(x);
  const given = intAttr(node, 'axis', 1);
  const axis = given < 0 ? given + shape.length : given;
  if (shape.slice(axis + 1).every((d) => d === 1)) return { ...node, attrs: { axis } };
  const matrix = b.reshape(x, [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))]);
  const result = b.emit(node.op, [matrix], { axis: 1 });
  return { ...node, op: 'Reshape', inputs: [result, b.ints(shape)], attrs: {} };
};
