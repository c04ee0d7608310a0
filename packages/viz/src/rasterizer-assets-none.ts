import type { RasterizerAssets } from './rasterizer.ts';

/** Outside Node nothing is found by itself: the caller gives the files to `loadRasterizer`. */
export async function defaultAssets(): Promise<RasterizerAssets | null> {
  return null;
}
