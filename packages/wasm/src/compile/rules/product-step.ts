import type { WindowGeometry } from '@pathwise/ops';
import type { Emitter } from '../emitter.ts';
import { FINISH, STEP, type Word } from '../step.ts';
import type { View } from '../view.ts';

/** Output channels that the kernel of native/ops/product.c keeps in registers. */
export const OUTPUTS = 4;

/** Most taps of a window; native/step.h has the same. */
export const MAX_TAPS = 4096;

/** A product with constant weights: windows over x give y. Both are [channels, depth, rows, columns], channels of stride 1. */
export interface ProductStep {
  readonly x: View;
  readonly y: View;
  /** Three spatial axes. For the adjoint `input` and `output` keep their roles: x and y are the other way round. */
  readonly windows: WindowGeometry;
  readonly transposed: boolean;
  readonly groups: number;
  /** Weight from channel c of a group to its channel o at tap t (in row-major order of the kernel). */
  readonly weight: (group: number, o: number, c: number, t: number) => number;
  readonly bias: ArrayLike<number> | null;
}

export function emitProduct(e: Emitter, step: ProductStep): void {
  const { groups, x, y } = step;
  const [inputs, outputs] = [x.shape[0] / groups, y.shape[0] / groups];
  if (groups > 1 && inputs === 1 && outputs === 1) emitDepthwise(e, step);
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

/** The windows as native/window.h reads them, from the side of the step's input. */
export function windowWords(g: WindowGeometry, adjoint: boolean): number[] {
  const [from, to] = adjoint ? [g.output, g.input] : [g.input, g.output];
  return [...from, ...to, ...g.kernel, ...g.strides, ...g.dilations, ...g.padsBegin, adjoint ? 1 : 0];
}

/** Place and strides of a volume [channels, depth, rows, columns]. */
export function volumeWords({ buffer, offset, strides }: View): Word[] {
  if (buffer === null) throw new Error('a volume must lie in the arena');
  return [{ buffer, offset }, ...strides.slice(1)];
}

export function tapsOf({ kernel }: WindowGeometry): number {
  return kernel.reduce((product, size) => product * size, 1);
}
