export { compile, type CompiledPlan, type CompileOptions } from './compile/compile.ts';
export { wasmEngine } from './engine.ts';
export { loadCore, type CoreSource } from './load.ts';
