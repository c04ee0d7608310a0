export { heatmap, type HeatmapOptions } from './heatmap.ts';
export { loadRasterizer, rasterize, type RasterizerAssets } from './rasterizer.ts';
export { bars, type BarsOptions } from './bars.ts';
export { tokens, type TokensOptions } from './tokens.ts';
export { saturationCurve, type SaturationCurveOptions } from './saturation-curve.ts';
export { series, type SeriesOptions } from './series.ts';
