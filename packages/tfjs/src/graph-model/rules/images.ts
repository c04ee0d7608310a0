import { PathwiseError } from '@pathwise/model';
import { imageOf } from '../../layout/convolution.ts';
import { resize, type PixelCentres } from '../../layout/resize.ts';
import type { Call, Rule, Rules } from '../call.ts';
import { batchToSpace, spaceToBatch } from './space-to-batch.ts';
import { formatOf } from './windows.ts';

const resizing =
  (mode: 'linear' | 'nearest'): Rule =>
  (call) => {
    const sizes = call.ints(1, 'the size');
    const x = call.input(0);
    if (sizes.length !== 2 || x.shape.length !== 4) {
      throw new PathwiseError(
        'BAD_SHAPE',
        `expected an image and two sizes, got [${x.shape.join(',')}] and ${sizes.length}`,
      );
    }
    return resize(call.l, x, sizes, mode, centresOf(call), { name: call.name });
  };

function centresOf({ attrs }: Call): PixelCentres {
  if (attrs.bool('half_pixel_centers', false)) return 'half-pixel';
  return attrs.bool('align_corners', false) ? 'align-corners' : 'asymmetric';
}

/** Blocks become channels and channels blocks, the block's row first, in the order of channels last (ONNX: DCR). */
const blocks =
  (op: 'DepthToSpace' | 'SpaceToDepth'): Rule =>
  (call) => {
    const { ref, layout } = imageOf(call.l, call.input(0), formatOf(call.attrs));
    const attrs = { blocksize: call.attrs.int('block_size'), ...(op === 'DepthToSpace' && { mode: 'DCR' }) };
    return call.l.emit(op, [ref], attrs, layout, call.name);
  };

export const imageRules: Rules = {
  BatchToSpaceND: batchToSpace,
  DepthToSpace: blocks('DepthToSpace'),
  ResizeBilinear: resizing('linear'),
  ResizeNearestNeighbor: resizing('nearest'),
  SpaceToBatchND: spaceToBatch,
  SpaceToDepth: blocks('SpaceToDepth'),
};
