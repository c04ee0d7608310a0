export { createOrtEngine, ortEngine, type OrtEngineOptions } from './engine.ts';
export type { OrtRuntime, OrtSession, OrtSessionOptions, OrtTensor } from './runtime.ts';
