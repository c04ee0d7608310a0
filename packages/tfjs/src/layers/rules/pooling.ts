import { reduce } from '../../layout/along-axes.ts';
import { imageOf } from '../../layout/convolution.ts';
import { elementWise, scalarLike } from '../../layout/element-wise.ts';
import type { LayoutValue } from '../../layout/layout-builder.ts';
import { pool } from '../../layout/pooling.ts';
import {
  badShape,
  choice,
  dataFormat,
  dropsMask,
  onlyInput,
  spatialAxes,
  wholeNumbers,
  type LayerCall,
  type LayerRule,
} from '../layer-call.ts';

/** Windows over `rank` axes; strides default to the window's size. */
export function pooling(op: 'MaxPool' | 'AveragePool', rank: number): LayerRule {
  return dropsMask((call, x) => {
    checkRank(call, x, rank);
    const kernel = wholeNumbers(call, 'pool_size', rank, 2);
    const strides = call.config.has('strides') ? wholeNumbers(call, 'strides', rank) : kernel;
    const padding = choice(call, 'padding', ['valid', 'same'], 'valid') === 'same' ? 'SAME' : 'VALID';
    return pool(call.l, op, x, { kernel, strides, padding }, { format: dataFormat(call) });
  });
}

/** The largest value or the mean of each channel. */
export function globalPooling(op: 'Max' | 'Average', rank: number): LayerRule {
  return (call) => {
    const x = onlyInput(call);
    checkRank(call, x, rank);
    const mask = call.masks[0] ?? null;
    const pooled =
      op === 'Average' && rank === 1 && mask !== null ? meanOfSteps(call, x, mask) : globalPool(call, x, op, rank);
    return { outputs: [pooled], mask: null };
  };
}

function globalPool(call: LayerCall, x: LayoutValue, op: 'Max' | 'Average', rank: number): LayoutValue {
  const { l, config } = call;
  const format = dataFormat(call);
  const axes = spatialAxes(rank + 2, format);
  const isKept = config.boolean('keepdims', false);
  // Sequences are reduced in place; images pass through the op that methods for convolutional networks know.
  if (rank === 1) return reduce(l, op === 'Max' ? 'ReduceMax' : 'ReduceMean', x, axes, isKept);
  const { ref, layout } = imageOf(l, x, format);
  const pooled = l.emit(`Global${op}Pool`, [ref], {}, layout);
  return isKept ? pooled : l.value(l.b.reshape(pooled.ref, l.b.shape(pooled.ref).slice(0, 2)));
}

/** Keras averages over the steps that count, TensorFlow.js over all. */
function meanOfSteps(call: LayerCall, x: LayoutValue, mask: LayoutValue): LayoutValue {
  const { l, name, writer } = call;
  const isKeras = writer !== 'tfjs';
  call.warn(
    'masked-mean',
    `layer "${name}" averages ${isKeras ? 'over the steps that are not masked, as Keras does' : 'over all steps, as TensorFlow.js does'}; ` +
      `the file was written by ${isKeras ? 'Keras' : 'TensorFlow.js'}, and the other one differs`,
  );
  if (!isKeras) return globalPool(call, x, 'Average', 1);
  if (dataFormat(call) === 'channels-first') throw badShape(call, 'channels last under a mask', x.shape);
  const weights = l.emit('Cast', [l.b.reshape(mask.ref, [...mask.shape, 1])], { to: 'float32' });
  const isKept = call.config.boolean('keepdims', false);
  const masked = elementWise(l, 'Where', [l.value(l.b.reshape(mask.ref, [...mask.shape, 1])), x, scalarLike(l, 0, x)]);
  const sum = reduce(l, 'ReduceSum', masked, [1], isKept);
  return elementWise(l, 'Div', [sum, reduce(l, 'ReduceSum', weights, [1], isKept)]);
}

function checkRank(call: LayerCall, x: LayoutValue, rank: number): void {
  if (x.shape.length !== rank + 2) throw badShape(call, `an input of ${rank + 2} axes`, x.shape);
}
