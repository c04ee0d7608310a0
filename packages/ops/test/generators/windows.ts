import fc from 'fast-check';
import { int64, sizeOf } from '@pathwise/model';
import { bit, list, ofRank, permutationOf, sizes, upTo, vector } from './arbitraries.ts';
import type { GeneratedCase, Generators } from './generated-case.ts';

/** Windows along one axis. */
interface WindowAxis {
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly pads: readonly [begin: number, end: number];
  readonly size: number;
}

/** Windows along each axis, with the attributes that say so. */
interface Windows {
  readonly axes: readonly WindowAxis[];
  readonly attrs: {
    readonly strides?: readonly number[];
    readonly dilations?: readonly number[];
    readonly pads?: readonly number[];
    readonly auto_pad?: string;
  };
}

const extent = ({ kernel, dilation }: Pick<WindowAxis, 'kernel' | 'dilation'>): number => (kernel - 1) * dilation + 1;

/** Every window meets the axis: no pad is longer than a window's reach, and no dilation than the axis. */
const windowAxis = (padded: boolean): fc.Arbitrary<WindowAxis> =>
  fc.tuple(upTo(3), upTo(3), upTo(2), fc.nat(3)).chain(([kernel, stride, dilation, more]) => {
    const reach = (kernel - 1) * dilation;
    const pad = padded ? fc.nat(Math.min(reach, 3)) : fc.constant(0);
    return fc.tuple(pad, pad).map(([begin, end]) => ({
      kernel,
      stride,
      dilation,
      pads: [begin, end] as const,
      size: Math.max(1, dilation, reach + 1 - begin - end) + more,
    }));
  });

/** One to three spatial axes; fewer axes are more frequent, being cheaper. */
const rank = fc.constantFrom(1, 1, 2, 2, 2, 3);
/** What is at its default may be left out. */
const given = <K extends string>(
  name: K,
  values: readonly number[],
  ordinary: number,
): { [key in K]?: readonly number[] } =>
  values.every((value) => value === ordinary) ? {} : ({ [name]: values } as { [key in K]: readonly number[] });

const windows: fc.Arbitrary<Windows> = fc
  .tuple(rank, fc.constantFrom('', '', 'NOTSET', 'SAME_UPPER', 'SAME_LOWER', 'VALID'))
  .chain(([count, autoPad]) =>
    list(count, windowAxis(autoPad === '' || autoPad === 'NOTSET')).map((axes) => ({
      axes: axes.map((axis) => (count === 3 ? { ...axis, size: Math.min(axis.size, extent(axis) + 1) } : axis)),
      attrs: {
        ...given(
          'strides',
          axes.map(({ stride }) => stride),
          1,
        ),
        ...given(
          'dilations',
          axes.map(({ dilation }) => dilation),
          1,
        ),
        ...given('pads', [...axes.map(({ pads }) => pads[0]), ...axes.map(({ pads }) => pads[1])], 0),
        ...(autoPad !== '' && { auto_pad: autoPad }),
      },
    })),
  );

const channels = fc.record({ batch: upTo(2), group: upTo(3), inputs: upTo(2), outputs: upTo(3), bias: fc.boolean() });

const convolution: fc.Arbitrary<GeneratedCase> = fc
  .tuple(windows, channels, fc.boolean())
  .map(([{ axes, attrs }, { batch, group, inputs, outputs, bias }, kernelGiven]) => {
    const kernel = axes.map((axis) => axis.kernel);
    return {
      attrs: { ...attrs, ...(group > 1 && { group }), ...(kernelGiven && { kernel_shape: kernel }) },
      inputs: [
        [batch, group * inputs, ...axes.map(({ size }) => size)],
        [group * outputs, inputs, ...kernel],
        ...(bias ? [[group * outputs]] : []),
      ],
    };
  });

/** Output padding stays below the stride; the pads leave something over. */
const transposedAxis = fc.tuple(upTo(3), upTo(3), upTo(3), upTo(2)).chain(([size, kernel, stride, dilation]) => {
  const full = (size - 1) * stride + (kernel - 1) * dilation + 1;
  return fc
    .tuple(fc.nat(stride - 1), fc.nat(Math.min(2, full - 1)), fc.nat(2), fc.integer({ min: 1, max: full + 3 }))
    .map(([extra, begin, end, wanted]) => ({
      size,
      kernel,
      stride,
      dilation,
      extra,
      pads: [begin, Math.min(end, full + extra - begin - 1)] as const,
      wanted,
    }));
});

const transposedConvolution: fc.Arbitrary<GeneratedCase> = fc
  .tuple(
    rank.chain((count) => list(count, transposedAxis)),
    channels,
    fc.constantFrom('pads', 'pads', 'output_shape', 'SAME_UPPER', 'SAME_LOWER', 'VALID'),
    fc.boolean(),
  )
  .map(([axes, { batch, group, inputs, outputs, bias }, how, kernelGiven]) => {
    const kernel = axes.map((axis) => axis.kernel);
    return {
      attrs: {
        ...given(
          'strides',
          axes.map(({ stride }) => stride),
          1,
        ),
        ...given(
          'dilations',
          axes.map(({ dilation }) => dilation),
          1,
        ),
        ...given(
          'output_padding',
          axes.map(({ extra }) => extra),
          0,
        ),
        ...(how === 'pads' && { pads: [...axes.map(({ pads }) => pads[0]), ...axes.map(({ pads }) => pads[1])] }),
        ...(how === 'output_shape' && { output_shape: axes.map(({ wanted }) => wanted) }),
        ...((how === 'VALID' || how.startsWith('SAME')) && { auto_pad: how }),
        ...(group > 1 && { group }),
        ...(kernelGiven && { kernel_shape: kernel }),
      },
      inputs: [
        [batch, group * inputs, ...axes.map(({ size }) => size)],
        [group * inputs, outputs, ...kernel],
        ...(bias ? [[group * outputs]] : []),
      ],
    };
  });

const pooling = (more: fc.Arbitrary<Record<string, number>>, outputs = 1): fc.Arbitrary<GeneratedCase> =>
  fc
    .tuple(windows, upTo(2), upTo(2), bit, more, upTo(outputs))
    .map(([{ axes, attrs }, batch, count, ceil, own, wanted]) => ({
      attrs: { ...attrs, kernel_shape: axes.map(({ kernel }) => kernel), ceil_mode: ceil, ...own },
      inputs: [[batch, count, ...axes.map(({ size }) => size)]],
      outputs: wanted,
    }));

const globalPooling = (more: fc.Arbitrary<Record<string, number>> = fc.constant({})): fc.Arbitrary<GeneratedCase> =>
  fc.tuple(sizes({ minLength: 3, maxLength: 5 }, 3), more).map(([shape, attrs]) => ({ attrs, inputs: [shape] }));

/** Columns of patches of an image with these windows. */
const patches: fc.Arbitrary<GeneratedCase> = fc
  .tuple(
    rank.chain((count) => list(count, windowAxis(true))),
    upTo(2),
    upTo(2),
  )
  .map(([axes, batch, count]) => {
    const positions = axes.map(
      (axis) => Math.floor((axis.size + axis.pads[0] + axis.pads[1] - extent(axis)) / axis.stride) + 1,
    );
    const kernel = axes.map((axis) => axis.kernel);
    return {
      attrs: {
        ...given(
          'strides',
          axes.map(({ stride }) => stride),
          1,
        ),
        ...given(
          'dilations',
          axes.map(({ dilation }) => dilation),
          1,
        ),
        ...given('pads', [...axes.map(({ pads }) => pads[0]), ...axes.map(({ pads }) => pads[1])], 0),
      },
      inputs: [
        [batch, count * sizeOf(kernel), sizeOf(positions)],
        vector(axes.map(({ size }) => size)),
        vector(kernel),
      ],
    };
  });

/** Each element gets a place of its own, in the shape before pooling or, with an output shape, cut or filled. */
const unpooling: fc.Arbitrary<GeneratedCase> = fc
  .tuple(
    rank.chain((count) => ofRank(count, 3)),
    upTo(2),
    fc.boolean(),
  )
  .chain(([spatial, count, shaped]) =>
    fc
      .tuple(
        ofRank(spatial.length, 3),
        ofRank(spatial.length, 3),
        list(spatial.length, fc.integer({ min: -1, max: 2 })),
      )
      .chain(([strides, extra, change]) => {
        // A kernel of at least the stride gives room for all elements.
        const kernel = strides.map((stride, i) => stride + extra[i]! - 1);
        const full = spatial.map((size, i) => (size - 1) * strides[i]! + kernel[i]!);
        const shape = [1, count, ...spatial];
        const wanted = [1, count, ...full.map((size, i) => Math.max(1, size + change[i]!))];
        return permutationOf(count * sizeOf(full)).map((places) => ({
          attrs: { kernel_shape: kernel, strides },
          inputs: [shape, int64(shape, places.slice(0, sizeOf(shape))), ...(shaped ? [vector(wanted)] : [])],
        }));
      }),
  );

export const WINDOWS: Generators = {
  Conv: convolution,
  ConvTranspose: transposedConvolution,
  AveragePool: pooling(fc.record({ count_include_pad: bit })),
  MaxPool: pooling(fc.record({ storage_order: bit }), 2),
  LpPool: pooling(fc.record({ p: upTo(4) })),
  GlobalAveragePool: globalPooling(),
  GlobalMaxPool: globalPooling(),
  GlobalLpPool: globalPooling(fc.record({ p: upTo(4) })),
  Col2Im: patches,
  MaxUnpool: unpooling,
};
