export { unsupported } from './import/blockers.ts';
export { defaultLimits, type OnnxLimits } from './limits.ts';
export type { BatchedOption } from './model/signature.ts';
export { externalLocations } from './model/external-locations.ts';
export type { OnnxSource } from './onnx-source.ts';
export { readOnnx, type OnnxOptions } from './read-onnx.ts';
export type { ExternalDataReader } from './tensor/external-data.ts';
export { writeOnnx } from './write-onnx.ts';
