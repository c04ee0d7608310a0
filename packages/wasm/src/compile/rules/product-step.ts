import type { Emitter } from '../emitter.ts';
import { Finish, type Maker } from '../finish.ts';
import { STEP } from '../step.ts';
import { OUTPUTS, tapsOf, windowWords, type ProductStep } from './kernel-words.ts';
import { emitWinograd, suitsWinograd } from './winograd-step.ts';

/** Emits a product by the kernel that suits it. */
export function emitProduct(e: Emitter, step: ProductStep): Maker {
  const { groups, x, y } = step;
  const [inputs, outputs] = [x.shape[0] / groups, y.shape[0] / groups];
  if (groups > 1 && inputs === 1 && outputs === 1) return emitDepthwise(e, step);
  return suitsWinograd(step) ? emitWinograd(e, step) : emitDense(e, step, inputs, outputs);
}

function emitDense(e: Emitter, step: ProductStep, inputs: number, outputs: number): Maker {
  const { x, y, groups, bias, weight } = step;
  const taps = tapsOf(step.windows);
  const blocks = Math.ceil(outputs / OUTPUTS);
  const weights = e.constants.add(groups * blocks * taps * inputs * OUTPUTS, (data) => {
    let at = 0;
    for (let g = 0; g < groups; g++)
      for (let o = 0; o < blocks * OUTPUTS; o += OUTPUTS)
        for (let t = 0; t < taps; t++)
          for (let c = 0; c < inputs; c++)
            for (let i = o; i < o + OUTPUTS; i++, at++) if (i < outputs) data[at] = weight(g, i, c, t);
  });
  const biasAt =
    bias === null
      ? 0
      : e.constants.add(groups * blocks * OUTPUTS, (data) => {
          for (let g = 0; g < groups; g++)
            for (let o = 0; o < outputs; o++) data[g * blocks * OUTPUTS + o] = bias[g * outputs + o];
        });
  const [finish, output] = [new Finish(bias !== null), { volume: y }];
  const window = windowWords(step.windows, step.transposed);
  const words = [...window, groups, inputs, outputs, { volume: x }, output, finish, weights, biasAt];
  return { step: e.emit(STEP.product, words, [x], [y]), finish, output };
}

function emitDepthwise(e: Emitter, step: ProductStep): Maker {
  const { x, y, groups, bias, weight } = step;
  const taps = tapsOf(step.windows);
  const wide = Math.ceil(groups / OUTPUTS) * OUTPUTS;
  const weights = e.constants.add(taps * wide, (data) => {
    for (let g = 0; g < groups; g++) {
      const block = Math.floor(g / OUTPUTS) * OUTPUTS;
      for (let t = 0; t < taps; t++) data[block * taps + t * OUTPUTS + g - block] = weight(g, 0, 0, t);
    }
  });
  const biasAt = bias === null ? 0 : e.constants.add(wide, (data) => data.set(Array.from(bias)));
  const [finish, output] = [new Finish(bias !== null), { volume: y }];
  const words = [...windowWords(step.windows, step.transposed), groups, { volume: x }, output, finish, weights, biasAt];
  return { step: e.emit(STEP.depthwise, words, [x], [y]), finish, output };
}
