import { describe, expect, test } from 'vitest';
import fc from 'fast-check';
import { sizeOf } from '@pathwise/model';
import { addConvolution, addConvolutionAdjoint, type Convolution } from './convolution.ts';

/**
 * Every (weight, input, output) triple of a convolution, from the definition
 * y[n, m, o] = sum over c, k of w[m, c, k] x[n, c, o * stride - pad + k * dilation].
 */
function forEachTerm(c: Convolution, visit: (w: number, x: number, y: number) => void): void {
  const { input, output, kernel, strides, dilations, padsBegin } = c.windows;
  const unravel = (i: number, shape: readonly number[]): number[] =>
    shape.map((size, axis) => Math.floor(i / sizeOf(shape.slice(axis + 1))) % size);
  const [area, windows, taps] = [sizeOf(input), sizeOf(output), sizeOf(kernel)];
  for (let n = 0; n < c.batch; n++) {
    for (let m = 0; m < c.groups * c.outputChannels; m++) {
      const group = Math.floor(m / c.outputChannels);
      for (let i = 0; i < c.inputChannels; i++) {
        for (let o = 0; o < windows; o++) {
          for (let k = 0; k < taps; k++) {
            const [place, tap] = [unravel(o, output), unravel(k, kernel)];
            const position = place.map((p, axis) => p * strides[axis] - padsBegin[axis] + tap[axis] * dilations[axis]);
            if (position.some((p, axis) => p < 0 || p >= input[axis])) continue;
            const flat = position.reduce((sum, p, axis) => sum * input[axis] + p, 0);
            visit(
              (m * c.inputChannels + i) * taps + k,
              ((n * c.groups + group) * c.inputChannels + i) * area + flat,
              (n * c.groups * c.outputChannels + m) * windows + o,
            );
          }
        }
      }
    }
  }
}

/** Small integers, so that sums are exact in any order. */
const integers = (length: number, step: number): Float64Array =>
  Float64Array.from({ length }, (_, i) => ((i * step) % 7) - 3);

function check(c: Convolution): void {
  const x = integers(c.batch * c.groups * c.inputChannels * sizeOf(c.windows.input), 5);
  const w = integers(c.groups * c.outputChannels * c.inputChannels * sizeOf(c.windows.kernel), 3);
  const y = integers(c.batch * c.groups * c.outputChannels * sizeOf(c.windows.output), 4);
  const [expectedY, expectedX] = [y.slice(), x.slice()];
  forEachTerm(c, (iw, ix, iy) => {
    expectedY[iy] += w[iw] * x[ix];
    expectedX[ix] += w[iw] * y[iy];
  });
  const [gotY, gotX] = [y.slice(), x.slice()];
  addConvolution(c, x, w, gotY);
  addConvolutionAdjoint(c, y, w, gotX);
  expect(gotY).toEqual(expectedY);
  expect(gotX).toEqual(expectedX);
}

const axis = fc.record({
  size: fc.integer({ min: 1, max: 6 }),
  kernel: fc.integer({ min: 1, max: 3 }),
  stride: fc.integer({ min: 1, max: 3 }),
  dilation: fc.integer({ min: 1, max: 2 }),
  begin: fc.integer({ min: 0, max: 3 }),
  windows: fc.integer({ min: 1, max: 4 }),
});

describe('convolution and its adjoint against the definition', () => {
  test('any geometry of one to three axes', () => {
    fc.assert(
      fc.property(
        fc.array(axis, { minLength: 1, maxLength: 3 }),
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: 2 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 5 }),
        (axes, batch, groups, inputChannels, outputChannels) =>
          check({
            batch,
            groups,
            inputChannels,
            outputChannels,
            windows: {
              input: axes.map((a) => a.size),
              output: axes.map((a) => a.windows),
              kernel: axes.map((a) => a.kernel),
              strides: axes.map((a) => a.stride),
              dilations: axes.map((a) => a.dilation),
              padsBegin: axes.map((a) => a.begin),
              padsEnd: axes.map(() => 0),
            },
          }),
      ),
      { numRuns: 200 },
    );
  });

  // Unfolded windows go through a buffer of 2^17 elements: here 1365 windows of depth 96 at a time.
  test.each([
    ['rows in several chunks', [50, 40]],
    ['one row in several chunks', [3000]],
  ])('%s', (_name, size) => {
    const all = (value: number): number[] => size.map(() => value);
    check({
      batch: 1,
      groups: 1,
      inputChannels: size.length === 1 ? 32 : 11,
      outputChannels: 3,
      windows: {
        input: size,
        output: size,
        kernel: all(3),
        strides: all(1),
        dilations: all(1),
        padsBegin: all(1),
        padsEnd: all(1),
      },
    });
  });
});
