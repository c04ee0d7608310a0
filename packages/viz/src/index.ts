export { heatmap, type HeatmapOptions } from './heatmap.ts';
export { loadRasterizer, rasterize, type RasterizerAssets } from './rasterizer.ts';
export { bars, type BarsOptions } from './bars.ts';
export { tokens, type TokensOptions } from './tokens.ts';
