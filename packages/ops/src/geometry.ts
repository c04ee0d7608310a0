// What attributes mean in numbers, for engines with kernels of their own.
export { normalizeAxes, normalizeAxis } from './axes.ts';
export { sourcePositions, type PadAmount, type PadMode } from './families/padding.ts';
export { poolWindows, tapCounts, type PoolAttrs } from './families/pooling.ts';
export { axisMap, isIdentity, type AxisMap } from './families/resampling.ts';
export { tupleOffsets } from './families/tuple-index.ts';
export { asVolume, windowGeometry, type WindowAttrs, type WindowGeometry } from './families/window.ts';
export { transposedWindows, type ConvTransposeAttrs } from './ops/conv-transpose.ts';
export { resolvePads } from './ops/pad.ts';
export { howOf, resampledAxes, type ResizeAttrs } from './ops/resize.ts';
export { resolveSlices, type AxisSlice } from './ops/slice.ts';
export { partSizes } from './ops/split.ts';
