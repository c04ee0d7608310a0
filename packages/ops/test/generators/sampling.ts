import fc from 'fast-check';
import { float32 } from '@pathwise/model';
import { axesOf, between, bit, constants, list, ofRank, sizes, upTo, vector } from './arbitraries.ts';
import type { GeneratedCase, Generators } from './generated-case.ts';

const coordinates = fc.constantFrom(
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  'tf_crop_and_resize',
);

const resizeAttrs = fc.record({
  mode: fc.constantFrom('nearest', 'linear', 'cubic'),
  coordinate_transformation_mode: coordinates,
  nearest_mode: fc.constantFrom('round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'),
  antialias: bit,
  exclude_outside: bit,
  cubic_coeff_a: fc.constantFrom(-0.75, -0.5),
});

/** All axes or listed ones; by scales or to sizes, keeping the ratio or not; with a region of interest to crop to. */
const resize: fc.Arbitrary<GeneratedCase> = sizes({ minLength: 1, maxLength: 4 }).chain((shape) =>
  fc.tuple(axesOf(shape, 1), fc.boolean(), fc.boolean()).chain(([some, listed, byScales]) => {
    const axes = listed ? some : [...shape.keys()];
    const count = axes.length;
    return fc
      .tuple(
        resizeAttrs,
        // At least one element is left of every axis.
        fc.tuple(...axes.map((axis) => between(1.02 / shape.at(axis)!, 2.6))),
        list(count, upTo(6)),
        list(2 * count, between(0, 1)),
        fc.constantFrom('stretch', 'not_larger', 'not_smaller'),
        fc.constantFrom(0, 3),
      )
      .map(([attrs, scales, wanted, ends, policy, extrapolation]) => {
        const crops = attrs.coordinate_transformation_mode === 'tf_crop_and_resize';
        const roi = float32(
          [2 * count],
          ends.map((end, i) => (i < count ? end - 0.3 : end + 0.3)),
        );
        const ratios = axes.map((axis, i) => wanted[i]! / shape.at(axis)!);
        const common = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
        const vanishes = axes.some((axis) => common * shape.at(axis)! < 0.5);
        const keep = byScales || vanishes ? 'stretch' : policy;
        return {
          attrs: {
            ...attrs,
            ...(listed && { axes }),
            ...(crops && { extrapolation_value: extrapolation }),
            keep_aspect_ratio_policy: keep,
          },
          inputs: [shape, crops ? roi : null, ...(byScales ? [float32([count], scales)] : [null, vector(wanted)])],
        };
      });
  }),
);

/** Places inside of the image, at its edge and outside; where the sample jumps between elements they are constant. */
const gridSample: fc.Arbitrary<GeneratedCase> = fc.constantFrom(1, 2, 2, 3).chain((rank) =>
  fc
    .tuple(
      fc.record({
        mode: fc.constantFrom('linear', 'nearest', 'cubic'),
        padding_mode: fc.constantFrom('zeros', 'border', 'reflection'),
        align_corners: bit,
      }),
      upTo(2),
      upTo(2),
      ofRank(rank),
      ofRank(rank, 2),
    )
    .chain(([attrs, batch, channels, spatial, places]) => {
      const grid = [batch, ...places, rank];
      const fixed = constants(grid, -1.5, 1.5);
      return (attrs.mode === 'nearest' ? fixed : fc.constant(grid)).map((gridInput) => ({
        attrs,
        inputs: [[batch, channels, ...spatial], gridInput],
        domain: [-1.6, 1.6] as const,
      }));
    }),
);

const affineGrid: fc.Arbitrary<GeneratedCase> = fc
  .tuple(fc.constantFrom(2, 3), upTo(2), bit, ofRank(3, 3))
  .map(([rank, batch, corners, spatial]) => ({
    attrs: { align_corners: corners },
    inputs: [[batch, rank, rank + 1], vector([batch, 1, ...spatial.slice(0, rank)])],
  }));

export const SAMPLING: Generators = { AffineGrid: affineGrid, GridSample: gridSample, Resize: resize };
