import { argumentError, randomPermutation, streams } from '@pathwise/model';
import type { Windows } from '../coalitions/windows.ts';
import type { InputPaths } from '../input-paths.ts';
import { pathEnd } from '../path.ts';
import type { Replacement } from './replacement.ts';

/** Rows of the set of baselines: all of them where that is asked, or some drawn without replacement for each group. */
export function marginalReplacement(
  method: string,
  { paths, baselines }: InputPaths,
  groups: Windows,
  samples: number,
  seed: number,
): Replacement {
  const { count, weights } = baselines;
  const drawn = samples < count;
  if (drawn && new Set(weights).size > 1) {
    throw argumentError(method, 'parameter samples', `at least ${count}, all of a set with weights`, samples);
  }
  const used = drawn ? samples : count;
  const chosen = groups.map((_, sample) =>
    drawn ? randomPermutation(seed, streams.coalition, count, { sample }).slice(0, used) : null,
  );
  let [held, heldPath]: [Float64Array, number] = [new Float64Array(), -1];
  return {
    samples: used,
    weights: drawn ? new Array<number>(used).fill(1 / used) : weights,
    drawn,
    replace(group, row, sample, values) {
      const path = row * count + (chosen[group]?.[sample] ?? sample);
      if (path !== heldPath) held = pathEnd(paths, path, 'from');
      heldPath = path;
      for (const element of groups[group]) values[element] = held[element];
    },
  };
}
