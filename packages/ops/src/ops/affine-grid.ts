import { float32, int64, PathwiseError, sizeOf, tensor, toFloat64, type Shape } from '@pathwise/model';
import type { OpDef } from '@pathwise/graph';
import { stridedIndex } from '../broadcast.ts';
import type { OpBuilder } from '../builder.ts';
import { constantInts } from '../constants.ts';
import { defineOp } from '../define-op.ts';
import { jointlyIn } from '../linearity.ts';

type AffineGridAttrs = { align_corners: number };

/**
 * Sampling places of an affine map: theta [n, 2, 3] applied to (x, y, 1) of each pixel of `size` [n, c, h, w], or
 * theta [n, 3, 4] and (x, y, z, 1) of each voxel. Coordinates run from -1 to 1, at the centres or at the edges of the
 * outer pixels.
 */
export const affineGrid: OpDef = defineOp<AffineGridAttrs>({
  name: 'AffineGrid',
  code: 0x062c,
  inputs: ['differentiable', 'index'],
  attrs: { align_corners: { type: 'int', default: 0 } },
  relevance: 'fixed-linear',
  affine: jointlyIn(0),
  piecewiseLinear: jointlyIn(0),
  kinks: false,
  infer([theta, sizeInput]) {
    const [n, , ...spatial] = constantInts(sizeInput, 'size');
    const rank = spatial.length;
    const expected = [n, rank, rank + 1];
    if (rank < 2 || rank > 3 || theta!.shape.some((size, i) => size !== expected[i])) {
      throw new PathwiseError(
        'BAD_SHAPE',
        `theta of shape [${theta!.shape.join(',')}] does not fit ${rank} spatial axes`,
      );
    }
    return [{ dtype: theta!.dtype, shape: [n, ...spatial, rank] }];
  },
  forward([theta], { align_corners: corners }, [type]) {
    const spatial = type.shape.slice(1, -1);
    const places = homogeneousPlaces(spatial, corners === 1);
    const rank = spatial.length;
    const count = sizeOf(spatial);
    const out = new Float64Array(sizeOf(type.shape));
    for (let n = 0, to = 0; n < type.shape[0]; n++) {
      for (let p = 0; p < count; p++) {
        for (let i = 0; i < rank; i++, to++) {
          for (let j = 0; j <= rank; j++) {
            out[to] += theta!.data[(n * rank + i) * (rank + 1) + j] * places[p * (rank + 1) + j];
          }
        }
      }
    }
    return [out];
  },
  vjp(b, { inputs: [theta, sizeRef], attrs }, [dy]) {
    const { n, spatial, places } = mapOf(b, theta, sizeRef, attrs);
    const columns = b.transpose(b.reshape(dy!, [n, sizeOf(spatial), spatial.length]), [0, 2, 1]);
    return [b.matmul(columns, places), null];
  },
  lower(b, { inputs: [theta, sizeRef], attrs }) {
    const { n, spatial, places } = mapOf(b, theta, sizeRef, attrs);
    return [b.reshape(b.matmul(places, b.transpose(theta, [0, 2, 1])), [n, ...spatial, spatial.length])];
  },
  examples: [
    { name: 'plane', inputs: [[2, 2, 3], int64([4], [2, 1, 2, 3])] },
    { name: 'plane, corners', attrs: { align_corners: 1 }, inputs: [[1, 2, 3], int64([4], [1, 1, 3, 2])] },
    { name: 'volume', inputs: [[1, 3, 4], int64([5], [1, 1, 2, 3, 2])] },
    { name: 'constant theta', inputs: [float32([1, 2, 3], [1, 0, 0, 0, 1, 0]), int64([4], [1, 1, 1, 2])], flat: true },
  ],
});

/** The sizes of the grid, and its places as a matrix [places, axes + 1] of theta's type. */
function mapOf(
  b: OpBuilder,
  theta: string,
  sizeRef: string,
  { align_corners: corners }: AffineGridAttrs,
): { n: number; spatial: number[]; places: string } {
  const [n, , ...spatial] = Array.from(toFloat64(b.constantOf(sizeRef)!.data));
  const places = homogeneousPlaces(spatial, corners === 1);
  const shape = [sizeOf(spatial), spatial.length + 1];
  return { n, spatial, places: b.castLike(tensor('float64', shape, places), theta) };
}

/** (x, y, 1) or (x, y, z, 1) of each place: the innermost axis comes first. */
function homogeneousPlaces(spatial: Shape, corners: boolean): Float64Array {
  const rank = spatial.length;
  const count = sizeOf(spatial);
  const out = new Float64Array(count * (rank + 1)).fill(1);
  for (const [axis, size] of spatial.entries()) {
    const position = stridedIndex(
      spatial,
      spatial.map((_, i) => Number(i === axis)),
    );
    for (let p = 0; p < count; p++) {
      const at = corners ? (size === 1 ? 0 : (2 * position[p]) / (size - 1) - 1) : (2 * position[p] + 1) / size - 1;
      out[p * (rank + 1) + rank - 1 - axis] = at;
    }
  }
  return out;
}
