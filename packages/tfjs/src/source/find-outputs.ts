import { PathwiseError, type TensorInfo } from '@pathwise/model';
import { EXAMPLE_SIZES, exampleShapes, typeOf, type Graph, type GraphSource } from '@pathwise/graph';

/**
 * The outputs of a source, by its graphs for two sizes of what the inputs leave open; where these differ the size is
 * open too.
 * @throws PathwiseError what stands in the way of every size
 */
export function findOutputs(source: Pick<GraphSource, 'inputs' | 'graph'>): TensorInfo[] {
  const { inputs } = source;
  const isOpen = inputs.some(({ shape }) => shape.slice(1).some((d) => typeof d === 'string'));
  const hasRows = inputs.some(({ batched }) => batched);
  const graphs: Graph[] = [];
  let failure: unknown;
  for (const size of isOpen ? [...EXAMPLE_SIZES].reverse() : [1]) {
    try {
      graphs.push(source.graph(exampleShapes(source, size)));
    } catch (error) {
      if (!(error instanceof PathwiseError)) throw error;
      failure ??= error;
    }
    if (graphs.length === 2) break;
  }
  const [graph, other = graph] = graphs;
  if (graph === undefined || other === undefined) throw failure;
  return graph.outputs.map((name) => {
    const { dtype, shape } = typeOf(graph, name);
    const second = typeOf(other, name).shape;
    const sizes = shape.map((d, axis) => {
      if (axis === 0 && hasRows && d === 1) return 'batch';
      return d === second[axis] ? d : `${name}_axis_${axis}`;
    });
    return { name, dtype, shape: sizes };
  });
}
