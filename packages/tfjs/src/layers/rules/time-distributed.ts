import { reshape } from '../../layout/along-axes.ts';
import { badShape, keepsMask, type LayerRule } from '../layer-call.ts';

/** A layer on each step of a sequence: the steps become rows. */
export const timeDistributed: LayerRule = keepsMask((call, x) => {
  const { l, config } = call;
  const [rows, steps, ...rest] = x.shape;
  if (rows === undefined || steps === undefined || rest.length === 0) {
    throw badShape(call, 'an input [batch,steps,...]', x.shape);
  }
  const layer = config.object('layer');
  const folded = reshape(l, x, [rows * steps, ...rest]);
  const { outputs } = call.apply(layer.string('class_name'), layer.object('config'), {
    inputs: [folded],
    masks: [null],
  });
  const [y] = outputs;
  if (y === undefined || outputs.length > 1) throw badShape(call, 'a layer of one output', []);
  return reshape(l, y, [rows, steps, ...y.shape.slice(1)]);
});
