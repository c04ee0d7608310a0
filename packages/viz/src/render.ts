import { argumentError, type Attribution } from '@pathwise/model';
import { bars, type BarsOptions } from './bars.ts';
import { beeswarm, type BeeswarmOptions } from './beeswarm.ts';
import { force } from './force.ts';
import { heatmap, type HeatmapOptions } from './heatmap.ts';
import { interactions } from './interactions.ts';
import type { PictureOptions } from './options.ts';
import type { Picture } from './picture.ts';
import { featureKindOf, hasPairs, kindOf, pictureKinds, type PictureKind } from './picture-kind.ts';
import { rasterize } from './rasterizer.ts';
import { report, type ReportOptions } from './report.ts';
import { saturationCurve } from './saturation-curve.ts';
import { series } from './series.ts';
import { tokens, type TokensOptions } from './tokens.ts';
import { units } from './units.ts';
import { waterfall } from './waterfall.ts';

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
  /** The value of every feature in every row, row-major: the colours of a beeswarm. */
  readonly allValues?: readonly number[];
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

function draw(attribution: Attribution, options: RenderOptions): Picture {
  const kind = options.kind ?? 'auto';
  switch (kind === 'auto' ? kindOf(attribution, options) : kind) {
    case 'heatmap':
      return heatmap(attribution, options);
    case 'bars':
      return bars(attribution, options);
    case 'waterfall':
      return waterfall(attribution, options);
    case 'force':
      return force(attribution, options);
    case 'beeswarm':
      return beeswarm(attribution, swarmOptions(options));
    case 'units':
      return units(attribution, options);
    case 'tokens':
      return tokens(attribution, options);
    case 'curve':
      return saturationCurve(attribution, options);
    case 'series':
      return series(attribution, { ...options, values: (options.values ?? []).map(Number) });
    case 'interactions':
      return interactions(attribution, options);
    default:
      throw argumentError('render', 'kind', `"auto" or one of ${pictureKinds.join(', ')}`, kind);
  }
}

/** A beeswarm has values of all rows. */
function swarmOptions({
  allValues,
  featureNames,
  tensor,
  scheme,
  heading,
  title,
  topK,
}: RenderOptions): BeeswarmOptions {
  const given = { featureNames, tensor, scheme, heading, title, topK, values: allValues };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/**
 * All pictures that the attribution has, for both schemes: pairs of features, each attributed tensor, other views of the
 * features, then the curve along the path.
 */
function renderReport(attribution: Attribution, options: RenderOptions): string {
  const row = options.row ?? 0;
  const names = options.tensor === undefined ? Object.keys(attribution.attributions) : [options.tensor];
  const asked = options.kind ?? 'auto';
  const withPairs = asked === 'auto' && hasPairs(attribution, row);
  const draws = names.flatMap((tensor) => {
    const one: RenderOptions = { ...options, tensor, heading: false };
    const own = asked === 'auto' ? { ...one, kind: featureKindOf(attribution, one) } : one;
    const title = names.length > 1 ? `Attribution of ${tensor}` : withPairs ? 'Single features' : undefined;
    return [{ title, own }, ...otherViews(attribution, own)];
  });
  if (withPairs) {
    draws.unshift({ title: 'Pairs of features', own: { ...options, kind: 'interactions', heading: false } });
  }
  if (attribution.curves?.[row] !== undefined && options.kind !== 'curve') {
    draws.push({ title: 'Along the path', own: { ...options, kind: 'curve', heading: false } });
  }
  const pictures = draws.map(({ title, own }) => ({
    light: draw(attribution, { ...own, scheme: 'light' }),
    dark: draw(attribution, { ...own, scheme: 'dark' }),
    ...(title !== undefined && { title }),
    ...(title === undefined && draws.length > 1 && { title: 'Attributions' }),
  }));
  return report(attribution, { ...options, pictures });
}

/** Lists of features also add up, step by step and at once, and over all rows. */
function otherViews(attribution: Attribution, own: RenderOptions): { title: string | undefined; own: RenderOptions }[] {
  if (own.kind !== 'bars' || own.show !== undefined) return [];
  const tensor = own.tensor as string;
  const rows = attribution.attributions[tensor]?.shape[0] ?? 1;
  const addsUp = attribution.convergenceDelta !== null && Object.keys(attribution.attributions).length === 1;
  return [
    ...(addsUp ? [{ title: 'From the baseline to the input', own: { ...own, kind: 'waterfall' as const } }] : []),
    ...(addsUp ? [{ title: 'What pushes up, what pushes down', own: { ...own, kind: 'force' as const } }] : []),
    ...(rows > 1 ? [{ title: `All ${rows} rows`, own: { ...own, kind: 'beeswarm' as const } }] : []),
  ];
}
