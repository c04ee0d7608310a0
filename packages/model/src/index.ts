export * from './attribution.ts';
export * from './capabilities.ts';
export * from './errors.ts';
export * from './half.ts';
export * from './propagation.ts';
export * from './random.ts';
export * from './target.ts';
export * from './tensor.ts';
