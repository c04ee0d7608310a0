import { sizeOf, toFloat64, type Attribution } from '@pathwise/model';
import { indexName } from './feature-list.ts';

/**
 * A name for each player of an attribution, in ascending order of their ids: that of its feature, or `group ID` where it has
 * several. Without players every element is one.
 *
 * @param featureNames - of the elements of the first attributed tensor
 */
export function playerNames(
  { players, attributions }: Pick<Attribution, 'players' | 'attributions'>,
  featureNames?: readonly string[],
): string[] {
  const elements = Object.entries(attributions).flatMap(([tensor, { shape }], k) => {
    const row = shape.slice(1);
    const ids = players?.ids[tensor];
    const own = ids === undefined ? undefined : toFloat64(ids.data);
    return Array.from({ length: sizeOf(row) }, (_, i) => ({
      id: own?.[i],
      name: (k === 0 ? featureNames?.[i] : undefined) ?? indexName(tensor, row, i),
    }));
  });
  if (players === undefined) return elements.map(({ name }) => name);
  const names = new Map<number, string>();
  for (const { id, name } of elements) {
    if (id === undefined || id < 0) continue;
    names.set(id, names.has(id) ? `group ${id}` : name);
  }
  return [...names].sort(([a], [b]) => a - b).map(([, name]) => name);
}
