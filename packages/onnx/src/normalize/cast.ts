import { dtypeOfWord } from '../tensor/element-type.ts';
import { become, without, type Normalize } from './normalize.ts';

/** Cast-1 names the type by a word. `saturate` and `round_mode` are about float8 types, which are refused. */
export const cast: Normalize = (node) => {
  const plain = without(node, 'saturate', 'round_mode');
  const { to } = plain.attrs;
  return typeof to === 'string' ? { ...plain, attrs: { to: dtypeOfWord(to) } } : plain;
};

/** The type to cast to is known when the file is read. */
export const castLike: Normalize = (node, { b }) => {
  const [x = '', like = ''] = node.inputs;
  return become(node, 'Cast', [x], { to: b.type(like).dtype });
};
