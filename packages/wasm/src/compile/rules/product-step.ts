import type { Emitter } from '../emitter.ts';
import { FINISH, STEP, type Word } from '../step.ts';
import { OUTPUTS, tapsOf, volumeWords, windowWords, type ProductStep } from './kernel-words.ts';
import { emitWinograd, suitsWinograd } from './winograd-step.ts';

/** Emits a product by the kernel that suits it. */
export function emitProduct(e: Emitter, step: ProductStep): void {
  const { groups, x, y } = step;
  const [inputs, outputs] = [x.shape[0] / groups, y.shape[0] / groups];
  if (groups > 1 && inputs === 1 && outputs === 1) emitDepthwise(e, step);
  else if (suitsWinograd(step)) emitWinograd(e, step);
  else emitDense(e, step, inputs, outputs);
}

function emitDense(e: Emitter, step: ProductStep, inputs: number, outputs: number): void {
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
  const finish: Word[] = [bias === null ? 0 : FINISH.bias, { float: 0 }, { float: 0 }];
  const words: Word[] = [
    ...windowWords(step.windows, step.transposed),
    groups,
    inputs,
    outputs,
    ...volumeWords(x),
    ...volumeWords(y),
    ...finish,
    weights,
    biasAt,
  ];
  e.emit(STEP.product, words, [x], [y], { finishAt: words.indexOf(finish[1] as Word) - 1 });
}

function emitDepthwise(e: Emitter, step: ProductStep): void {
  const { x, y, groups, bias, weight } = step;
  const taps = tapsOf(step.windows);
  const weights = e.constants.add(taps * groups, (data) => {
    for (let t = 0; t < taps; t++) for (let g = 0; g < groups; g++) data[t * groups + g] = weight(g, 0, 0, t);
  });
  const biasAt = bias === null ? 0 : e.constants.add(groups, (data) => data.set(Array.from(bias)));
  const finish: Word[] = [bias === null ? 0 : FINISH.bias, { float: 0 }, { float: 0 }];
  const words: Word[] = [
    ...windowWords(step.windows, step.transposed),
    groups,
    ...volumeWords(x),
    ...volumeWords(y),
    ...finish,
    weights,
    biasAt,
  ];
  e.emit(STEP.depthwise, words, [x], [y], { finishAt: words.indexOf(finish[1] as Word) - 1 });
}
