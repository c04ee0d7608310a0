export * from './attributes.ts';
export * from './builder.ts';
export * from './differentiate.ts';
export * from './engine.ts';
export * from './graph.ts';
export * from './op.ts';
export * from './source.ts';
