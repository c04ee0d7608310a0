import { PathwiseError, rowsOf, toFloat64, type Feeds, type Outputs, type Tensor } from '@pathwise/model';
import type { Executable, Graph } from '@pathwise/graph';
import { referenceEngine } from '../engine/reference.ts';

interface Loaded {
  readonly executable: Executable;
  readonly graph: Graph;
  readonly seeds: ReadonlyMap<string, string>;
}

/**
 * Refuses NaN and infinities in a gradient: finds the first node that made one, by running the row again.
 * @throws PathwiseError NON_FINITE with row, node and tensor.
 */
export async function assertFinite(
  { graph, seeds }: Loaded,
  feeds: Feeds,
  cotangents: Feeds,
  values: Float64Array,
  gradients: Outputs,
): Promise<void> {
  const row = firstBadRow(values, gradients);
  if (row < 0) return;
  const all = {
    ...feeds,
    ...Object.fromEntries(Object.entries(cotangents).map(([target, c]) => [seeds.get(target) as string, c])),
  };
  const given = Object.entries(all).filter(([name]) => graph.inputs.includes(name));
  const names = graph.nodes.flatMap((node) => node.outputs.filter((output) => output !== ''));
  const executable = await referenceEngine.load(graph);
  const everything = await executable.run(
    Object.fromEntries(given.map(([name, feed]) => [name, rowOf(feed, row, values.length)])),
    names,
  );
  const bad = (name: string): boolean => toFloat64(everything[name]!.data).some((v) => !Number.isFinite(v));
  const isNaNIn = (name: string): boolean => toFloat64(everything[name]!.data).some((v) => Number.isNaN(v));
  const culprit =
    graph.nodes.find((node) => node.outputs.some((o) => o !== '' && isNaNIn(o))) ??
    graph.nodes.find((node) => node.outputs.some((o) => o !== '' && bad(o)));
  const where = culprit === undefined ? 'an input' : `node "${culprit.name}" (${culprit.op})`;
  throw new PathwiseError(
    'NON_FINITE',
    `row ${row}: ${where} gives a value or gradient that is not finite. Check the input for NaN and infinities, or choose a path that avoids this point`,
    culprit === undefined ? { row } : { row, node: culprit.name, op: culprit.op },
  );
}

function firstBadRow(values: Float64Array, gradients: Outputs): number {
  const rows = values.length;
  for (let row = 0; row < rows; row++) {
    if (!Number.isFinite(values[row])) return row;
    for (const { data } of Object.values(gradients)) {
      const numbers = toFloat64(data);
      const size = numbers.length / rows;
      for (let i = row * size; i < (row + 1) * size; i++) if (!Number.isFinite(numbers[i])) return row;
    }
  }
  return -1;
}

function rowOf(feed: Tensor, row: number, rows: number): Tensor {
  return rows === 1 || feed.shape[0] !== rows ? feed : rowsOf(feed, row, row + 1);
}
