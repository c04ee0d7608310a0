/** Dividends of some sets, all of whose subsets are among them: the definition, smaller sets first. */
export function dividendsOfSets(v: (mask: number) => number, masks: readonly number[]): Map<number, number> {
  const found = new Map<number, number>();
  // A subset is a smaller number.
  for (const mask of masks.toSorted((a, b) => a - b)) {
    let own = v(mask);
    for (let subset = (mask - 1) & mask; mask !== 0; subset = (subset - 1) & mask) {
      own -= found.get(subset) as number;
      if (subset === 0) break;
    }
    found.set(mask, own);
  }
  return found;
}

/** Bit masks of all sets of at most `order` of some players, the empty one included, ascending. */
export function setsUpTo(players: number, order: number): number[] {
  const masks: number[] = [];
  const extend = (mask: number, first: number, left: number): void => {
    masks.push(mask);
    if (left > 0)
      for (let player = first; player < players; player++) extend(mask | (1 << player), player + 1, left - 1);
  };
  extend(0, 0, order);
  return masks.sort((a, b) => a - b);
}
