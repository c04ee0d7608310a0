import { cannot, intAttr, without, type Normalize } from './normalize.ts';

/** Training outputs (running means) are dropped when nothing reads them; `spatial` and `is_test` are gone. */
export const batchNormalization: Normalize = (node, { isUsed }) => {
  if (node.version >= 14) return node;
  if (intAttr(node, 'spatial', 1) === 0)
    throw cannot('attribute spatial = 0 (a mean for every position) is not supported');
  if (node.outputs.some((output, i) => i > 0 && output !== '' && isUsed(i))) {
    throw cannot('its training outputs (running mean and variance) are used; only inference is supported');
  }
  return { ...without(node, 'spatial', 'is_test'), outputs: node.outputs.slice(0, 1) };
};

/** Before opset 21 scale and bias had one element a group instead of one a channel. */
export const groupNormalization: Normalize = (node, { b }) => {
  if (node.version >= 21) return node;
  const [x = '', ...factors] = node.inputs;
  const groups = intAttr(node, 'num_groups', 1);
  const channels = b.shape(x)[1] ?? 0;
  const perChannel = (ref: string): string => {
    const size = b.shape(ref)[0];
    if (size !== groups || groups === channels || channels % groups !== 0) return ref;
    return b.reshape(b.expand(b.reshape(ref, [groups, 1]), [groups, channels / groups]), [channels]);
  };
  return { ...node, inputs: [x, ...factors.map(perChannel)] };
};

/** The drop rate matters in training only. Before opset 10 the mask was a number. */
export const dropout: Normalize = (node, { b, isUsed }) => {
  if (node.version >= 12) return node;
  const plain = without(node, 'ratio', 'is_test', 'seed');
  const [output = '', mask = ''] = node.outputs;
  if (!isUsed(1)) return { ...plain, outputs: [output] };
  if (node.version >= 10) return plain;
  const [x = ''] = node.inputs;
  const name = output === '' ? b.freshName(mask) : output;
  const [, kept = ''] = b.apply('Dropout', [x], {}, { name: node.name, outputs: [name, b.freshName(mask)] });
  return [name, b.emit('Cast', [kept], { to: b.type(x).dtype }, mask)];
};
