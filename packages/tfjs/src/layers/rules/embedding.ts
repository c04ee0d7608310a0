import { elementWise, scalarLike, unary } from '../../layout/element-wise.ts';
import { reduce } from '../../layout/along-axes.ts';
import { onlyInput, weight, type LayerRule } from '../layer-call.ts';
import { alongside } from '../mask.ts';

/** Rows of a table; with mask_zero steps of id 0 do not count. */
export const embedding: LayerRule = (call) => {
  const { l, config } = call;
  const given = onlyInput(call);
  const ids = l.isFloat(given) ? l.emit('Cast', [l.asWritten(given)], { to: 'int32' }) : given;
  const table = weight(call, 'embeddings', 2);
  const outputs = [l.emit('Gather', [table.ref, l.asWritten(ids)], { axis: 0 })];
  if (!config.boolean('mask_zero', false)) return { outputs, mask: null };
  return { outputs, mask: unary(l, 'Not', elementWise(l, 'Equal', [ids, scalarLike(l, 0, ids)])) };
};

/** Steps whose features all equal mask_value do not count, and become 0. */
export const masking: LayerRule = (call) => {
  const { l, config } = call;
  const x = onlyInput(call);
  const equal = elementWise(l, 'Equal', [x, scalarLike(l, config.number('mask_value', 0), x)]);
  const differs = l.emit('Cast', [unary(l, 'Not', equal).ref], { to: 'float32' }, x.layout);
  const any = reduce(l, 'ReduceMax', differs, [-1], false);
  const mask = elementWise(l, 'Greater', [any, scalarLike(l, 0, any)]);
  return { outputs: [elementWise(l, 'Where', [alongside(l, mask, x.shape.length), x, scalarLike(l, 0, x)])], mask };
};
