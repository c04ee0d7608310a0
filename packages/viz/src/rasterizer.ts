import { argumentError, PathwiseError } from '@pathwise/model';
import { initWasm, Resvg } from '@resvg/resvg-wasm';
import { defaultAssets } from '#rasterizer-assets';

/** What the SVG rasteriser needs besides its code. */
export interface RasterizerAssets {
  /** `@resvg/resvg-wasm/index_bg.wasm`: its bytes, a compiled module, a response, or an address to fetch. */
  readonly wasm: BufferSource | WebAssembly.Module | Response | URL | string;
  /** Font files (.ttf, .otf, .woff2), the preferred one first; later ones fill in missing characters. */
  readonly font: Uint8Array | readonly Uint8Array[];
}

let fonts: Promise<readonly Uint8Array[]> | undefined;

/**
 * Makes the rasteriser ready. In Node everything is found in the installed packages, so there is no need to call this;
 * in a browser call it once with the files that your page serves. Further calls change the fonts only.
 *
 * @throws PathwiseError ENGINE_UNAVAILABLE when the files are needed and not given, or the module does not compile
 *
 * @example
 * ```ts
 * import { loadRasterizer } from '@pathwise/viz';
 * await loadRasterizer();
 * ```
 */
export async function loadRasterizer(assets?: RasterizerAssets): Promise<void> {
  const loading = load(assets, fonts === undefined);
  const previous = fonts;
  fonts = loading;
  try {
    await loading;
  } catch (error) {
    if (fonts === loading) fonts = previous;
    throw error;
  }
}

/**
 * Draws an SVG document as a PNG file.
 *
 * @param svg - as `heatmap`, `bars` and the others give it
 * @param scale - pixels of the PNG per unit of the SVG, above 0 and at most 16 (default 2)
 * @throws PathwiseError BAD_ARGUMENT for a scale out of range; ENGINE_UNAVAILABLE outside Node before `loadRasterizer`
 */
export async function rasterize(svg: string, { scale = 2 }: { readonly scale?: number } = {}): Promise<Uint8Array> {
  if (!(scale > 0 && scale <= 16)) throw argumentError('rasterize', 'scale', 'a number above 0 and at most 16', scale);
  if (fonts === undefined) await loadRasterizer();
  const fontBuffers = [...((await fonts) ?? [])];
  const document = new Resvg(svg, {
    fitTo: { mode: 'zoom', value: scale },
    font: { fontBuffers, defaultFontFamily: 'Inter', sansSerifFamily: 'Inter' },
  });
  try {
    const image = document.render();
    const png = image.asPng();
    image.free();
    return png;
  } finally {
    document.free();
  }
}

async function load(given: RasterizerAssets | undefined, first: boolean): Promise<readonly Uint8Array[]> {
  const assets = given ?? (await defaultAssets());
  if (assets === null) {
    throw new PathwiseError(
      'ENGINE_UNAVAILABLE',
      'loadRasterizer: PNG needs a WebAssembly module and a font, which are found by themselves in Node only. ' +
        'Call loadRasterizer({ wasm, font }) with index_bg.wasm of @resvg/resvg-wasm and a font file',
    );
  }
  if (first) {
    try {
      await initWasm(assets.wasm);
    } catch (error) {
      // The module is one a process; another user of it may have been first.
      if (!/already initialized/iu.test(String(error))) {
        throw new PathwiseError(
          'ENGINE_UNAVAILABLE',
          `loadRasterizer: the SVG rasteriser does not start: ${String(error)}`,
          {},
          { cause: error },
        );
      }
    }
  }
  return assets.font instanceof Uint8Array ? [assets.font] : assets.font;
}
