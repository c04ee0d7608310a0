import type { Shape } from '@pathwise/model';
import { imageAxes, maskOfPositions, type Segments } from './image-axes.ts';

/**
 * Squares of `side` positions along every axis but the channels, row by row; the last ones are cut at the border. On 5 x 5
 * pixels a side of 2 gives nine, the last of a single pixel.
 */
export function gridSegments(shape: Shape, side: number, channelAxis: number = 0): Segments {
  const axes = imageAxes(shape, channelAxis);
  const counts = axes.spatial.map((size) => Math.ceil(size / side));
  const positions = axes.spatial.reduce((a, b) => a * b, 1);
  const labels = Int32Array.from({ length: positions }, (_, position) => {
    let [label, stride, rest] = [0, 1, position];
    for (let axis = axes.spatial.length - 1; axis >= 0; axis--) {
      label += Math.floor((rest % axes.spatial[axis]) / side) * stride;
      rest = Math.floor(rest / axes.spatial[axis]);
      stride *= counts[axis];
    }
    return label;
  });
  return maskOfPositions(axes, labels);
}
