/** How far two arrays may differ: |actual - expected| <= atol + rtol * |expected|, or `scale` times the largest |expected|. */
export interface Closeness {
  readonly atol?: number;
  readonly rtol?: number;
  /** Relative to the largest expected value. */
  readonly scale?: number;
}

interface CloseMatcher<R> {
  /** Element-wise closeness of numbers, arrays or typed arrays; NaN equals NaN only. Prints the worst element. */
  toBeClose(expected: ArrayLike<number | bigint> | number, closeness?: Closeness): R;
}

declare module 'vitest' {
  // eslint-disable-next-line typescript/no-empty-object-type
  interface Matchers<T> extends CloseMatcher<T> {}
}

export function toBeClose(
  received: unknown,
  expected: ArrayLike<number | bigint> | number,
  { atol = 0, rtol = 0, scale = 0 }: Closeness = { rtol: 1e-9, atol: 1e-12 },
): { pass: boolean; message: () => string } {
  const actual = toNumbers(received);
  const wanted = toNumbers(expected);
  if (actual.length !== wanted.length) {
    return { pass: false, message: () => `expected ${wanted.length} elements, got ${actual.length}` };
  }
  const largest = wanted.reduce((m, v) => (Number.isFinite(v) ? Math.max(m, Math.abs(v)) : m), 0);
  let worst = -1;
  let worstExcess = 0;
  for (const [i, want] of wanted.entries()) {
    const got = actual[i] as number;
    if (Object.is(got, want) || got === want || (Number.isNaN(got) && Number.isNaN(want))) continue;
    const allowed = atol + rtol * Math.abs(want) + scale * largest;
    const excess = Math.abs(got - want) - allowed;
    if (!(excess <= 0) && (worst < 0 || !(excess <= worstExcess))) [worst, worstExcess] = [i, excess];
  }
  return {
    pass: worst < 0,
    message: () =>
      worst < 0
        ? 'expected the values to differ'
        : `element ${worst}: got ${actual[worst]}, expected ${wanted[worst]}, ` +
          `difference ${Math.abs((actual[worst] as number) - (wanted[worst] as number))}, allowed ` +
          `${atol + rtol * Math.abs(wanted[worst] as number) + scale * largest}`,
  };
}

function toNumbers(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return Array.from(value as ArrayLike<number | bigint>, Number);
}
