import { describe, expect, test } from 'vitest';
import { float32, type Shape, type Tensor } from '@pathwise/model';
import { graphBuilder, referenceEngine } from '@pathwise/ops';
import { concat, expandDims, pad, reduce, reshape, slice, squeeze } from './along-axes.ts';
import { convolution } from './convolution.ts';
import { elementWise, unary } from './element-wise.ts';
import { LayoutBuilder, type LayoutValue } from './layout-builder.ts';
import { padAmounts } from './padding.ts';
import { permuteTensor } from './permutation.ts';

const counting = (shape: Shape): Tensor =>
  float32(
    shape,
    Array.from({ length: shape.reduce((n, d) => n * d, 1) }, (_, i) => i),
  );

/** Builds the same op on a value as written and on the same value channels first; both results as written. */
async function bothLayouts(shape: Shape, op: (l: LayoutBuilder, x: LayoutValue) => LayoutValue): Promise<Tensor[]> {
  const l = new LayoutBuilder(graphBuilder());
  const x = l.input('x', shape);
  const first = l.value(l.channelsFirst(x), 'channels-first');
  const written = [x, first].map((value) => l.asWritten(op(l, value)));
  const graph = l.b.build(written);
  const outputs = await (await referenceEngine.load(graph)).run({ x: counting(shape) }, written);
  return written.map((ref) => outputs[ref] as Tensor);
}

describe('an op gives the same whatever the layout', () => {
  const image: Shape = [1, 2, 3, 4];
  const cases: [string, Shape, (l: LayoutBuilder, x: LayoutValue) => LayoutValue][] = [
    ['mean over the sizes', image, (l, x) => reduce(l, 'ReduceMean', x, [1, 2], false)],
    ['sum over the channels', image, (l, x) => reduce(l, 'ReduceSum', x, [-1], false)],
    ['max over one size', image, (l, x) => reduce(l, 'ReduceMax', x, [1], false)],
    ['max over one size, kept', image, (l, x) => reduce(l, 'ReduceMax', x, [2], true)],
    ['concat along the channels', image, (l, x) => concat(l, [x, unary(l, 'Neg', x)], -1)],
    [
      'slice of rows, reversed channels',
      image,
      (l, x) =>
        slice(l, x, [
          { axis: 1, start: 1, end: 2 },
          { axis: 3, start: -1, end: -Infinity, step: -1 },
        ]),
    ],
    ['squeeze of a size', [1, 1, 3, 4], (l, x) => squeeze(l, x, [1])],
    ['squeeze of the other size', [1, 3, 1, 4], (l, x) => squeeze(l, x, [2])],
    ['squeeze of the channels', [1, 3, 2, 1], (l, x) => squeeze(l, x, [3])],
    ...[0, 1, 2, 3, -1].map((axis): (typeof cases)[number] => [
      `a new axis at ${axis}`,
      [1, 3, 4],
      (l, x) => expandDims(l, x, axis),
    ]),
    ['a new last axis of an image', image, (l, x) => expandDims(l, x, 4)],
    ['reshape', image, (l, x) => reshape(l, x, [1, -1])],
    ['transpose', image, (l, x) => l.transpose(x, [0, 3, 2, 1])],
    [
      'pad',
      image,
      (l, x) =>
        pad(l, x, [
          [0, 0],
          [1, 0],
          [0, 2],
          [0, 3],
        ]),
    ],
    ['a vector added', image, (l, x) => elementWise(l, 'Add', [x, l.constant(float32([4], [1, 2, 3, 4]))])],
    ['a scalar subtracted', image, (l, x) => elementWise(l, 'Sub', [l.constant(float32([], [5])), x])],
    ['a map multiplied', image, (l, x) => elementWise(l, 'Mul', [x, l.constant(float32([3, 1], [1, 10, 100]))])],
    [
      'lower rank added to higher',
      [1, 3, 4],
      (l, x) => elementWise(l, 'Add', [l.value(l.channelsFirst(l.constant(counting(image))), 'channels-first'), x]),
    ],
  ];
  test.each(cases)('%s', async (_, shape, op) => {
    const [written, first] = await bothLayouts(shape, op);
    expect(first?.shape).toEqual(written?.shape);
    expect(first?.data).toBeClose(written?.data as Float64Array, { atol: 1e-12 });
  });
});

describe('where an axis order changes', () => {
  const transposes = (l: LayoutBuilder, y: LayoutValue): number =>
    l.b.build([l.asWritten(y)]).nodes.filter(({ op }) => op === 'Transpose').length;
  const kernel = (l: LayoutBuilder, inputs: number, outputs: number): LayoutValue =>
    l.constant(counting([1, 1, inputs, outputs]));
  const plain = { strides: [1, 1], dilations: [1, 1], padding: 'VALID' as const };

  test('only where a chain of convolutions begins and ends', () => {
    const l = new LayoutBuilder(graphBuilder());
    const x = l.input('x', [1, 4, 4, 3]);
    const a = unary(l, 'Relu', convolution(l, x, kernel(l, 3, 5), plain));
    const c = convolution(l, a, kernel(l, 5, 5), plain);
    expect(transposes(l, elementWise(l, 'Add', [a, c, l.constant(counting([5]))].slice(0, 2)))).toBe(2);
  });

  test('nowhere when the model itself transposes to and fro', () => {
    const l = new LayoutBuilder(graphBuilder());
    const x = l.input('x', [1, 3, 4, 4]);
    const y = convolution(l, l.transpose(x, [0, 2, 3, 1]), kernel(l, 3, 5), plain);
    expect(transposes(l, l.transpose(y, [0, 3, 1, 2]))).toBe(0);
  });

  test('not between convolutions over sequences that are written as images', () => {
    const l = new LayoutBuilder(graphBuilder());
    const step = (x: LayoutValue, channels: number): LayoutValue =>
      unary(l, 'Relu', squeeze(l, convolution(l, expandDims(l, x, 1), kernel(l, channels, 5), plain), [1]));
    expect(transposes(l, step(step(l.input('x', [1, 6, 3]), 3), 5))).toBe(2);
  });

  test('not a second time for a value that was channels first before', () => {
    const l = new LayoutBuilder(graphBuilder());
    const y = convolution(l, l.input('x', [1, 4, 4, 3]), kernel(l, 3, 5), plain);
    const written = l.value(l.asWritten(y));
    expect(l.channelsFirst(written)).toBe(y.ref);
  });

  test('one channel or one pixel is only reshaped', () => {
    const l = new LayoutBuilder(graphBuilder());
    const y = convolution(l, l.input('x', [1, 4, 4, 1]), kernel(l, 1, 5), plain);
    expect(transposes(l, reduce(l, 'ReduceMean', y, [1, 2], true))).toBe(0);
  });
});

// TensorFlow's formula by hand: n = 5, k = 3, s = 2 needs 2 * 2 + 3 - 5 = 2; n = 4 needs 2 + 3 - 4 = 1, at the end.
test('SAME pads an odd rest at the end', () => {
  const windows = { kernel: [3, 3], strides: [2, 2], dilations: [1, 1], padding: 'SAME' as const };
  expect(padAmounts([5, 4], windows)).toEqual({ begin: [1, 0], end: [1, 1] });
  expect(padAmounts([5, 4], { ...windows, strides: [1, 1], dilations: [2, 1] })).toEqual({
    begin: [2, 1],
    end: [2, 1],
  });
});

test('permuting a constant keeps its kind of array', () => {
  const t = permuteTensor(float32([2, 3], [1, 2, 3, 4, 5, 6]), [1, 0]);
  expect(t).toEqual(float32([3, 2], [1, 4, 2, 5, 3, 6]));
});
