import { argumentError, type Attribution } from '@pathwise/model';
import { bars, type BarsOptions } from './bars.ts';
import { heatmap, type HeatmapOptions } from './heatmap.ts';
import type { PictureOptions } from './options.ts';
import type { Picture } from './picture.ts';
import { rasterize } from './rasterizer.ts';
import { report, type ReportOptions } from './report.ts';
import { saturationCurve } from './saturation-curve.ts';
import { series } from './series.ts';
import { tokens, type TokensOptions } from './tokens.ts';

export type PictureKind = 'heatmap' | 'bars' | 'tokens' | 'curve' | 'series';
export type PictureFormat = 'svg' | 'png' | 'html';

/** How and as what `render` draws; the options that a kind of picture has no use for are ignored. */
export interface RenderOptions<F extends PictureFormat = PictureFormat>
  extends
    PictureOptions,
    Omit<HeatmapOptions, keyof PictureOptions>,
    Omit<BarsOptions, keyof PictureOptions>,
    Omit<TokensOptions, keyof PictureOptions>,
    Pick<ReportOptions, 'modelName' | 'inputName'> {
  readonly format: F;
  /** Default `auto`: by the shape of the attribution and by what is given with it. */
  readonly kind?: 'auto' | PictureKind;
  /** Pixels of a PNG per unit of the SVG (default 2). */
  readonly scale?: number;
}

/** PNG is bytes, SVG and HTML are text. */
export type Rendered<F extends PictureFormat> = F extends 'png' ? Uint8Array : string;

/**
 * Draws an attribution: as an SVG document, a PNG file, or an HTML report.
 *
 * @param options - a format, or the format with further options
 * @returns text for `svg` and `html`, the bytes of the file for `png`
 * @throws PathwiseError BAD_ARGUMENT or BAD_SHAPE when options and attribution do not fit; NON_FINITE for NaN or
 *   infinities; ENGINE_UNAVAILABLE for `png` outside Node before `loadRasterizer`
 *
 * @example
 * ```ts
 * import { float32, type Attribution } from '@pathwise/model';
 * import { render } from '@pathwise/viz';
 * const attribution: Attribution = {
 *   method: 'integrated-gradients', params: {}, seed: null, engine: 'reference', unit: 'contribution',
 *   attributions: { x: float32([1, 2], [6, -4]) }, target: ['y[0]'],
 *   outputAtInput: [2], outputAtBaseline: [0], convergenceDelta: [0], relativeDelta: [0], complete: true,
 *   error: null, errorMet: null, cancellation: [5], evaluations: { forward: 2, gradient: 1 }, warnings: [],
 * };
 * const svg = await render(attribution, { format: 'svg', featureNames: ['age', 'dose'] });
 * svg.startsWith('<svg'); // => true
 * ```
 */
export async function render<F extends PictureFormat>(
  attribution: Attribution,
  options: F | RenderOptions<F>,
): Promise<Rendered<F>> {
  const given: RenderOptions = typeof options === 'string' ? { format: options } : options;
  switch (given.format) {
    case 'svg':
      return draw(attribution, given).svg as Rendered<F>;
    case 'png': {
      const { svg } = draw(attribution, given);
      return (await rasterize(svg, given.scale === undefined ? {} : { scale: given.scale })) as Rendered<F>;
    }
    case 'html':
      return renderReport(attribution, given) as Rendered<F>;
    default:
      throw argumentError('render', 'format', '"svg", "png" or "html"', given.format);
  }
}

/** The picture that `auto` stands for. */
export function kindOf(
  attribution: Attribution,
  { tensor, tokens: texts, image }: Pick<RenderOptions, 'tensor' | 'tokens' | 'image'> = {},
): PictureKind {
  if (texts !== undefined) return 'tokens';
  const name = tensor ?? Object.keys(attribution.attributions)[0];
  const rank = name === undefined ? 0 : (attribution.attributions[name]?.shape.length ?? 0);
  // A row of rank 2 or 3 is an image (with or without channel axis); longer rows have no plane to draw on.
  return (rank === 3 || rank === 4) && (image !== undefined || rank === 4 || hasPlane(attribution, name))
    ? 'heatmap'
    : 'bars';
}

// [rows,1,n] and [rows,n,1] are lists, not planes.
function hasPlane(attribution: Attribution, name: string | undefined): boolean {
  const shape = name === undefined ? [] : (attribution.attributions[name]?.shape ?? []);
  return shape.slice(1).every((d) => d > 1);
}

function draw(attribution: Attribution, options: RenderOptions): Picture {
  const kind = options.kind ?? 'auto';
  switch (kind === 'auto' ? kindOf(attribution, options) : kind) {
    case 'heatmap':
      return heatmap(attribution, options);
    case 'bars':
      return bars(attribution, options);
    case 'tokens':
      return tokens(attribution, options);
    case 'curve':
      return saturationCurve(attribution, options);
    case 'series':
      return series(attribution, { ...options, values: (options.values ?? []).map(Number) });
    default:
      throw argumentError('render', 'kind', '"auto", "heatmap", "bars", "tokens", "curve" or "series"', kind);
  }
}

/** All pictures that the attribution has, for both schemes: each attributed tensor, then the curve along the path. */
function renderReport(attribution: Attribution, options: RenderOptions): string {
  const row = options.row ?? 0;
  const names = options.tensor === undefined ? Object.keys(attribution.attributions) : [options.tensor];
  const draws = names.map((tensor): RenderOptions => ({ ...options, tensor, heading: false }));
  if (attribution.curves?.[row] !== undefined && options.kind !== 'curve') {
    draws.push({ ...options, kind: 'curve', heading: false });
  }
  const pictures = draws.map((each) => ({
    light: draw(attribution, { ...each, scheme: 'light' }),
    dark: draw(attribution, { ...each, scheme: 'dark' }),
    ...(draws.length > 1 && { title: each.kind === 'curve' ? 'Along the path' : `Attribution of ${each.tensor}` }),
  }));
  return report(attribution, { ...options, pictures });
}
