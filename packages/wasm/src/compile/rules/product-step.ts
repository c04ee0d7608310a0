import { loopWords, viewWords, type Emitter } from '../emitter.ts';
import { Finish, type Maker } from '../finish.ts';
import { STEP } from '../step.ts';
import { loopsOver } from '../view.ts';
import { blocksOf, OUTPUTS } from './blocks.ts';
import { allowSkipping, POSITIVE_ZERO, tapsOf, windowWords, type ProductStep } from './kernel-words.ts';
import { emitWinograd, suitsWinograd } from './winograd-step.ts';

/** Emits a product by the kernel that suits it; null where that finishes nothing. */
export function emitProduct(e: Emitter, step: ProductStep): Maker | null {
  const { groups, x, y } = step;
  const [inputs, outputs] = [x.shape[0] / groups, y.shape[0] / groups];
  if (groups > 1 && inputs === 1 && outputs === 1) return emitDepthwise(e, step);
  if (suitsFilter(step)) return emitFilter(e, step);
  return suitsWinograd(step) ? emitWinograd(e, step) : emitDense(e, step, inputs, outputs);
}

/** Whether one channel is filtered along one axis. */
function suitsFilter({ x, y, windows: g, transposed, groups, bias }: ProductStep): boolean {
  const single = groups === 1 && x.shape[0] === 1 && y.shape[0] === 1;
  const dense = [...g.strides, ...g.dilations].every((value) => value === 1);
  return single && dense && !transposed && bias === null && g.kernel.filter((size) => size > 1).length === 1;
}

function emitFilter(e: Emitter, { x, y, windows: g, weights: own }: ProductStep): null {
  const axis = g.kernel.findIndex((size) => size > 1);
  const taps = g.kernel[axis];
  const weights = e.constants.add(taps, (data) => {
    for (let t = 0; t < taps; t++) data[t] = own.scale * own.data[own.origin + t * own.tap];
  });
  const { sizes, strides } = loopsOver(y.shape.with(axis + 1, 1), [y.strides, x.strides]);
  const views = [...viewWords(y, strides[0]), ...viewWords(x, strides[1])];
  const along = [x.strides[axis + 1], y.strides[axis + 1]];
  const filter = [g.input[axis], g.output[axis], taps, g.padsBegin[axis], ...along];
  e.emit(STEP.filter, [...filter, ...loopWords(sizes), ...views, weights], [x], [y]);
  return null;
}

function emitDense(e: Emitter, step: ProductStep, inputs: number, outputs: number): Maker {
  const { x, y, groups, bias, key } = step;
  const { data: from, origin, group, output: apart, input, tap, scale } = step.weights;
  const taps = tapsOf(step.windows);
  const { wide, padded, list } = blocksOf(outputs, e.wideBlocks);
  const weights = e.constants.add(
    groups * taps * inputs * padded,
    (data) => {
      let at = 0;
      for (let g = 0; g < groups; g++)
        for (const [o, size] of list) {
          const count = Math.min(size, outputs - o);
          for (let t = 0; t < taps; t++)
            for (let c = 0; c < inputs; c++, at += size) {
              const first = origin + g * group + o * apart + c * input + t * tap;
              for (let i = 0; i < count; i++) data[at + i] = scale * from[first + i * apart];
            }
        }
    },
    key && `dense ${key}`,
  );
  const biasAt =
    bias === null
      ? 0
      : e.constants.add(groups * padded, (data) => {
          for (let g = 0; g < groups; g++)
            for (let o = 0; o < outputs; o++) data[g * padded + o] = bias[g * outputs + o] + POSITIVE_ZERO;
        });
  const [finish, output] = [new Finish(bias !== null, allowSkipping(step.weights)), { volume: y }];
  const window = windowWords(step.windows, step.transposed);
  const sweep = { input: { volume: x }, output, window };
  const words = [...window, groups, inputs, outputs, wide, sweep.input, output, finish, weights, biasAt];
  return { step: e.emit(STEP.product, words, [x], [y], [], sweep), finish, output };
}

function emitDepthwise(e: Emitter, step: ProductStep): Maker {
  const { x, y, groups, bias, key } = step;
  const { data: from, origin, group, tap, scale } = step.weights;
  const taps = tapsOf(step.windows);
  const wide = Math.ceil(groups / OUTPUTS) * OUTPUTS;
  const weights = e.constants.add(
    taps * wide,
    (data) => {
      for (let g = 0; g < groups; g++) {
        const block = Math.floor(g / OUTPUTS) * OUTPUTS;
        for (let t = 0; t < taps; t++) {
          data[block * taps + t * OUTPUTS + g - block] = scale * from[origin + g * group + t * tap];
        }
      }
    },
    key && `depthwise ${key}`,
  );
  const biasAt = bias === null ? 0 : e.constants.add(wide, (data) => data.set(Array.from(bias)));
  const [finish, output] = [new Finish(bias !== null), { volume: y }];
  const sweep = { input: { volume: x }, output, window: windowWords(step.windows, step.transposed) };
  const words = [...sweep.window, groups, sweep.input, output, finish, weights, biasAt];
  return { step: e.emit(STEP.depthwise, words, [x], [y], [], sweep), finish, output };
}
