import { attribute } from '@pathwise/attribution';
import { graphModel } from '@pathwise/ops';

/** Bytes that a tile may take; enough for the engines to fill theirs. */
const MAX_BYTES = 2 ** 30;

/** Our own evaluation of the path on one of our engines. */
export function pathwise(id, label, engineOf, options = {}) {
  return {
    id,
    label,
    async open(task) {
      const model = graphModel(task.graph, await engineOf(), options);
      const request = {
        inputs: { [task.input]: { dtype: 'float32', shape: task.shape, data: task.x } },
        baseline: 'zeros',
        target: task.target,
        maxBytes: MAX_BYTES,
      };
      return {
        run: async (points) => {
          const result = await attribute(model, 'integrated-gradients', {
            ...request,
            steps: points,
            quadrature: 'midpoint',
          });
          return result.attributions[task.input].data;
        },
        /** To a tolerance instead of a number of points. */
        reach: (tolerance) => attribute(model, 'integrated-gradients', { ...request, tolerance }),
        close: () => model.dispose(),
      };
    },
  };
}
