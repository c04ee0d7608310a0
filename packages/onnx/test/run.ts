import type { Feeds, Outputs, Tensor } from '@pathwise/model';
import { referenceEngine } from '@pathwise/ops';
import { readOnnx, type OnnxOptions } from '../src/index.ts';

/** Runs a model file on the reference engine for inputs of exactly these shapes; returns its outputs. */
export async function runFile(bytes: Uint8Array, feeds: Feeds, options: OnnxOptions = {}): Promise<Outputs> {
  const shapes = Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, feed.shape]));
  const graph = readOnnx(bytes, { batched: false, ...options }).graph(shapes);
  const outputs = await (await referenceEngine.load(graph)).run(feeds, graph.outputs);
  return Object.fromEntries(
    graph.outputs.map((name) => [name, { ...(outputs[name] as Tensor), shape: graph.types.get(name)!.shape }]),
  );
}
