import { shapeError, sizeOf, toFloat64, type PathBundle } from '@pathwise/model';
import { typeOf, type Graph } from '@pathwise/graph';
import { rowCount, rowData, rowSource } from '../row-source.ts';
import type { EndsOf } from './task-of.ts';
import type { InputEnds } from './task.ts';

/**
 * What the inputs of a gradient graph are on each path; `seed` takes the weights of F.
 * @throws PathwiseError BAD_SHAPE for what does not fit the graph
 */
export function endsOfPaths(graph: Graph, { moving, fixed, objective }: PathBundle, seed: string): EndsOf {
  const still = graph.inputs.filter((name) => fixed[name] !== undefined);
  const sources = new Map(still.map((name) => [name, rowSource(name, typeOf(graph, name), fixed[name])]));
  rowCount([...sources.values()]);
  const byInput = graph.inputs.map((name): ((path: number) => InputEnds) => {
    const source = sources.get(name);
    const { shape } = typeOf(graph, name);
    const whole = (values: Float64Array): Float64Array => {
      if (values.length === sizeOf(shape)) return values;
      throw shapeError('wasm engine', name, `[${shape.join(',')}]`, [values.length]);
    };
    if (source !== undefined) return (path) => ({ from: toFloat64(rowData(source, path)), to: null });
    if (name === seed) {
      return (path) => {
        const row = objective.rows[objective.rows.length === 1 ? 0 : path];
        return { from: whole(row.kind === 'linear' ? row.weights : new Float64Array(0)), to: null };
      };
    }
    const moves = moving.find((tensor) => tensor.name === name);
    const row = (values: Float64Array, path: number): Float64Array =>
      whole(values.subarray(path * (moves?.size ?? 0), (path + 1) * (moves?.size ?? 0)));
    const [from, to] = [moves?.from ?? new Float64Array(0), moves?.to ?? new Float64Array(0)];
    return (path) => ({ from: row(from, path), to: from === to ? null : row(to, path) });
  });
  return (path) => byInput.map((endsOn) => endsOn(path));
}
