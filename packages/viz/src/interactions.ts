import { argumentError, type Attribution, type Interactions } from '@pathwise/model';
import { headingOf } from './describe.ts';
import { interactionMatrix } from './interaction-matrix.ts';
import type { PictureOptions } from './options.ts';
import type { Picture } from './picture.ts';
import { playerNames } from './player-names.ts';

export interface InteractionsOptions extends Pick<
  PictureOptions,
  'row' | 'scheme' | 'heading' | 'title' | 'labels' | 'limit' | 'hatch'
> {
  /** One name an element of the first attributed tensor. */
  readonly featureNames?: readonly string[];
}

/** An effect is resolved above so many standard deviations of rounding. */
const RESOLVED = 4;

/** What the index of an attribution puts in the cells beside and on the diagonal. */
const MEANINGS: Readonly<Record<string, readonly [string, string]>> = {
  harsanyi: ['dividend of the pair', 'what a feature adds by itself'],
  'shapley-taylor': ['Shapley-Taylor index', 'what a feature adds by itself'],
  'shapley-interaction': ['Shapley interaction index', 'Shapley values'],
  'integrated-hessians': ['half of what the pair does', 'a feature with itself'],
  'finite-difference': ['what the pair adds at the input', 'what is lost without the feature'],
};

/**
 * What pairs of features do together, as a matrix; on the diagonal what each does by itself.
 *
 * @throws PathwiseError BAD_ARGUMENT when the attribution has no pairs in the row
 */
export function interactions(attribution: Attribution, options: InteractionsOptions = {}): Picture {
  const { row = 0, scheme = 'light', heading, hatch, limit, featureNames } = options;
  const found = attribution.interactions?.[row];
  if (found === undefined || found.pairs === null) {
    const hint = 'Methods of interactions have them, asked for pairs.';
    throw argumentError('interactions', 'row', 'a row with effects of pairs', row, hint);
  }
  const [unit, diagonal] = MEANINGS[found.index] ?? [found.index, 'what a feature does by itself'];
  return interactionMatrix(playerNames(attribution, featureNames), found.pairs, {
    scheme,
    ...(hatch === undefined ? {} : { hatch }),
    ...(limit === undefined ? {} : { limit }),
    ...(heading === false
      ? {}
      : { heading: { ...headingOf(attribution, row, options), subtitle: `${attribution.method} · ${unit}` } }),
    unit,
    diagonal,
    resolved: [resolvedFrom(found, 2), resolvedFrom(found, 1)],
  });
}

function resolvedFrom({ orders }: Interactions, players: number): number {
  return RESOLVED * (orders[players - 1]?.noise ?? 0);
}
