import type { AttributionRequest } from '../request.ts';
import type { Ranking } from './rankings.ts';

/** How many units are removed: a number of them, or a share of the layer above 0 up to 1. */
export type PruneCount = { readonly count: number } | { readonly share: number };

/** What every attribution takes, for inputs of any number of rows. */
type Common =
  | 'inputs'
  | 'constants'
  | 'baseline'
  | 'target'
  | 'output'
  | 'scale'
  | 'seed'
  | 'ranges'
  | 'maxBytes'
  | 'signal'
  | 'onProgress';

export interface PruneRequest extends Pick<AttributionRequest, Common> {
  /** The tensor whose units are removed. */
  readonly layer: string;
  /** As `region` of layer-conductance: a box, or one weight for each element of the input. */
  readonly region: readonly number[];
  /** Default 0.5 %, 1 %, 2 % and 5 % of the layer. */
  readonly prune?: readonly PruneCount[] | undefined;
  /** Default all; the maps after pruning are those of the first. */
  readonly rankings?: readonly Ranking[] | undefined;
  /** What a removed unit becomes: 0 (default; right after a ReLU), or its value at the baseline. */
  readonly ablate?: 'zero' | 'baseline' | undefined;
  /** Points of the midpoint rule of scores and maps; default 64. */
  readonly steps?: number | undefined;
  /** Runs of each random ranking; default 5. */
  readonly randomRuns?: number | undefined;
}
