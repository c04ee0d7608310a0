import type { Method } from '../src/index.ts';

/** A method that changes what another returns. */
export function spoiledMethod(base: Method, change: (value: number, element: number) => number): Method {
  return {
    ...base,
    async attribute(context) {
      const outcome = await base.attribute(context);
      const attributions = Object.fromEntries(
        Object.entries(outcome.attributions).map(([name, t]) => [
          name,
          { ...t, data: Float64Array.from(t.data as Float64Array, change) },
        ]),
      );
      return { ...outcome, attributions };
    },
  };
}
