// The only file of this package that knows Node: the import condition "node" of "#rasterizer-assets" selects it.
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { RasterizerAssets } from './rasterizer.ts';

const SUBSETS = ['latin', 'latin-ext', 'greek', 'cyrillic'];
const WEIGHTS = [400, 600];

/** Reads the WebAssembly module and the fonts from the installed packages. */
export async function defaultAssets(): Promise<RasterizerAssets> {
  const require = createRequire(import.meta.url);
  const read = async (path: string): Promise<Uint8Array> => new Uint8Array(await readFile(require.resolve(path)));
  const inter = SUBSETS.flatMap((s) => WEIGHTS.map((w) => `@fontsource/inter/files/inter-${s}-${w}-normal.woff2`));
  const [wasm, ...font] = await Promise.all(
    // DejaVu comes last: it fills in the scripts and signs that Inter lacks.
    ['@resvg/resvg-wasm/index_bg.wasm', ...inter, 'dejavu-fonts-ttf/ttf/DejaVuSans.ttf'].map(read),
  );
  return { wasm: wasm as Uint8Array, font };
}
