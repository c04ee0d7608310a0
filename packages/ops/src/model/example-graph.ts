import { PathwiseError } from '@pathwise/model';
import { EXAMPLE_SIZES, exampleShapes, type Graph, type GraphSource } from '@pathwise/graph';

/** The graph for the first example size that the model accepts. */
export function exampleGraph(source: GraphSource): Graph | undefined {
  for (const size of EXAMPLE_SIZES) {
    try {
      return source.graph(exampleShapes(source, size));
    } catch (error) {
      if (!(error instanceof PathwiseError)) throw error;
    }
  }
  return undefined;
}
