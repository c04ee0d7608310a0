import { sampleOf } from '../samples.ts';
import type { ModelFacts } from '../worker/protocol.ts';

/** Baselines that suit what a model reads, with their titles. */
export function baselineChoices({
  kind,
  id,
}: Pick<ModelFacts, 'kind' | 'id'>): readonly (readonly [value: string, title: string])[] {
  const sample = sampleOf(id);
  const others = sample?.inputs.map(({ title }, k) => [`sample:${k}`, `sample: ${title}`] as const) ?? [];
  const zeros = ['zeros', kind === 'image' ? 'black (zeros)' : 'zeros'] as const;
  switch (kind) {
    case 'image':
      return [
        zeros,
        ['1', 'white (ones)'],
        ['mean', 'mean of the image'],
        ['blur:2', 'blurred, σ 2'],
        ['blur:4', 'blurred, σ 4'],
        ['max-distance', 'farthest colour of each pixel'],
        ['uniform:8', '8 of uniform noise'],
        ['gaussian:8', '8 of Gaussian noise'],
        ...others,
      ];
    case 'series':
      return [
        zeros,
        ['mean', 'mean of the series'],
        ['blur:4', 'blurred, σ 4'],
        ['blur:16', 'blurred, σ 16'],
        ['gaussian:8', '8 of Gaussian noise'],
        ...others,
      ];
    case 'table':
      return [
        ...(sample?.typical === undefined ? [] : [['typical', 'a typical row (means)'] as const]),
        zeros,
        ['max-distance', 'farthest value of each feature'],
        ...others,
      ];
    case 'text':
      return [['zeros', 'no word (zero embeddings)'], ...others];
    case 'other':
      return [zeros, ['mean', 'mean'], ['max-distance', 'farthest value of each feature']];
  }
}
