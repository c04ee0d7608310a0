/**
 * What every system computes: integrated gradients of one logit from a baseline of zeros, by the midpoint rule.
 * @typedef {{ name: string, graph: import('@pathwise/graph').Graph, input: string, output: string, x: Float32Array,
 *   shape: readonly number[], target: number }} Task
 */

/** The task for a network of benchmarks/networks. */
export function taskOf(name, graph, { data, shape }) {
  const [input] = graph.inputs;
  const [output] = graph.outputs;
  return { name, graph, input, output, x: data, shape, target: 0 };
}

/** The inputs at some of the points (k + 1/2) / points of the path, one after the other. */
export function pathPoints({ x }, points, from, count) {
  const rows = new Float32Array(count * x.length);
  for (let k = 0; k < count; k++) {
    const alpha = (from + k + 0.5) / points;
    for (let i = 0; i < x.length; i++) rows[k * x.length + i] = alpha * x[i];
  }
  return rows;
}

/** Runs `gradients` over the path, so many points a call; returns the attribution. */
export async function integrate(task, points, batch, gradients) {
  const sum = new Float64Array(task.x.length);
  for (let from = 0; from < points; from += batch) {
    const count = Math.min(batch, points - from);
    const rows = await gradients(pathPoints(task, points, from, count), count);
    for (let k = 0; k < count; k++) for (let i = 0; i < sum.length; i++) sum[i] += rows[k * sum.length + i];
  }
  return sum.map((total, i) => (total / points) * task.x[i]);
}

/** The number of points a call, of `batches`, with which `run(batch)` is fastest; what fails is left out. */
export async function fastestBatch(batches, run) {
  let best = null;
  for (const batch of batches) {
    try {
      const started = performance.now();
      await run(batch);
      const time = performance.now() - started;
      if (best === null || time < best.time) best = { batch, time };
    } catch (error) {
      if (best === null && batch === batches.at(-1)) throw error;
    }
  }
  return best.batch;
}
