import type { OpBuilder } from '@pathwise/ops';
import { cannot, intAttr, without, type ImportNode, type Normalize } from './normalize.ts';

/**
 * Before opset 7 a second operand was broadcast on request only: `axis` says where its axes begin in the first
 * operand's; by default they are its last.
 */
export const legacyBroadcast: Normalize = (node, { b }) => {
  if (node.version >= 7) return node;
  const [x = '', y = ''] = node.inputs;
  const plain = without(node, 'broadcast', 'axis');
  if (intAttr(node, 'broadcast', 0) === 0 || node.attrs['axis'] === undefined) return plain;
  return { ...plain, inputs: [x, alignAt(b, x, y, intAttr(node, 'axis', 0))] };
};

/** PRelu of opset 6 and before: one slope a channel. */
export const legacySlope: Normalize = (node, { b }) => {
  const [x = '', slope = ''] = node.inputs;
  if (node.version >= 7 || b.shape(slope).length !== 1 || b.shape(slope)[0] === 1) return node;
  return { ...node, inputs: [x, alignAt(b, x, slope, 1)] };
};

/** `y` with axes of size 1 behind, so that its first axis falls on axis `axis` of `x`. */
function alignAt(b: OpBuilder, x: string, y: string, axis: number): string {
  const rank = b.shape(x).length;
  const shape = b.shape(y);
  const behind = rank - (axis < 0 ? axis + rank : axis) - shape.length;
  if (behind < 0) throw cannot(`axis ${axis} leaves no room for a second operand of rank ${shape.length}`);
  return b.reshape(y, [...shape, ...new Array<number>(behind).fill(1)]);
}

/** Gemm of opset 6 and before broadcasts its third operand by the same rule as later ones do by themselves. */
export const legacyGemm: Normalize = (node: ImportNode) => (node.version < 7 ? without(node, 'broadcast') : node);
