import type { Attribution } from '@pathwise/model';
import type { HeatmapOptions } from './heatmap.ts';
import type { TokensOptions } from './tokens.ts';

/** The pictures of one attribution. */
export const pictureKinds = [
  'heatmap',
  'bars',
  'waterfall',
  'force',
  'beeswarm',
  'units',
  'tokens',
  'curve',
  'series',
  'interactions',
] as const;

export type PictureKind = (typeof pictureKinds)[number];

type KindOptions = Pick<HeatmapOptions, 'tensor' | 'image' | 'row'> & Pick<TokensOptions, 'tokens'>;

/** The picture that `auto` stands for. */
export function kindOf(attribution: Attribution, options: KindOptions = {}): PictureKind {
  return hasPairs(attribution, options.row) ? 'interactions' : featureKindOf(attribution, options);
}

/** Whether the attribution says what pairs of features do. */
export function hasPairs({ interactions }: Attribution, row = 0): boolean {
  return (interactions?.[row]?.pairs ?? null) !== null;
}

/** The picture of what single features got. */
export function featureKindOf(
  attribution: Attribution,
  { tensor, tokens: texts, image }: KindOptions = {},
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
