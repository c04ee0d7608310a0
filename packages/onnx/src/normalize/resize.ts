import { float32 } from '@pathwise/model';
import { cannot, numbersAttr, without, type ImportNode, type Normalize } from './normalize.ts';

/** How images were enlarged before opset 11: coordinates are divided by the scale, and the nearest is the one below. */
const LEGACY = { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' };

/** Upsample became Resize in opset 10. */
export const upsample: Normalize = (node, { b }) => {
  const [x = '', scalesInput] = node.inputs;
  const scales = scalesInput ?? b.constant(scalesTensor(node, b.shape(x).length));
  const mode = node.attrs['mode'] === 'bilinear' ? 'linear' : (node.attrs['mode'] ?? 'nearest');
  const plain = without(node, 'scales', 'height_scale', 'width_scale');
  return { ...plain, op: 'Resize', inputs: [x, '', scales], attrs: { ...plain.attrs, mode, ...LEGACY } };
};

/** Resize-10 takes the tensor and its scales only. */
export const resize: Normalize = (node) => {
  if (node.version >= 11) return node;
  const [x = '', scales = ''] = node.inputs;
  return { ...node, inputs: [x, '', scales], attrs: { ...node.attrs, ...LEGACY } };
};

/** The modes lost their first syllable in opset 20. */
export const gridSample: Normalize = (node) => {
  const renamed: Record<string, string> = { bilinear: 'linear', bicubic: 'cubic' };
  const { mode } = node.attrs;
  if (node.version >= 20 || typeof mode !== 'string') return node;
  return { ...node, attrs: { ...node.attrs, mode: renamed[mode] ?? mode } };
};

function scalesTensor(node: ImportNode, rank: number): ReturnType<typeof float32> {
  const { height_scale: height, width_scale: width } = node.attrs;
  const pair = typeof height === 'number' && typeof width === 'number' ? [1, 1, height, width] : undefined;
  const scales = numbersAttr(node, 'scales') ?? pair;
  if (scales === undefined || scales.length !== rank) throw cannot(`expected ${rank} scales, one an axis`);
  return float32([rank], scales);
}
