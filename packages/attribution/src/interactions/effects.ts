/** Effects of sets of players, by bit mask; smaller masks first, without the empty set. */
export interface Effects {
  readonly masks: readonly number[];
  readonly of: (mask: number) => number;
}

/** Effects of all sets, listed by bit mask. */
export function effectsOfAll(values: Float64Array): Effects {
  return { masks: Array.from({ length: values.length - 1 }, (_, k) => k + 1), of: (mask) => values[mask] };
}

export function effectsOf(values: ReadonlyMap<number, number>): Effects {
  const masks = Array.from(values.keys(), (mask) => mask).filter((mask) => mask !== 0);
  return { masks: masks.sort((a, b) => a - b), of: (mask) => values.get(mask) ?? NaN };
}

/** What single players do by themselves. */
export function singleEffects({ of }: Effects, players: number): Float64Array {
  return Float64Array.from({ length: players }, (_, player) => of(2 ** player));
}
