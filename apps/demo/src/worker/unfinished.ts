import type { Attribution } from 'pathwise';

/** The fields of an attribution that are not known before its end. */
export function unfinished(
  method: string,
  engine: string,
): Omit<Attribution, 'attributions' | 'outputAtInput' | 'target'> {
  return {
    method,
    params: {},
    seed: null,
    engine,
    unit: 'contribution',
    outputAtBaseline: null,
    convergenceDelta: null,
    relativeDelta: null,
    complete: null,
    error: null,
    errorMet: null,
    cancellation: null,
    evaluations: { forward: 0, gradient: 0 },
    warnings: [],
  };
}

/** Delta over the change of the output, by row; null where it does not change. */
export function relativeDelta({
  convergenceDelta,
  outputAtInput,
  outputAtBaseline,
}: Pick<Attribution, 'convergenceDelta' | 'outputAtInput' | 'outputAtBaseline'>): (number | null)[] | null {
  if (convergenceDelta === null || outputAtBaseline === null) return null;
  return convergenceDelta.map((delta, row) => {
    const change = Math.abs((outputAtInput[row] as number) - (outputAtBaseline[row] as number));
    return change === 0 ? null : delta / change;
  });
}
