import { PathwiseError } from '@pathwise/model';
import type { Call } from './call.ts';
import { inlineBody } from './inline.ts';
import type { ImportContext } from './context.ts';
import type { Bound } from './scope.ts';
import { subgraphOf } from './subgraph.ts';

/** The branch that the condition chooses takes the place of the node. */
export function importIf(call: Call, importer: ImportContext): readonly Bound[] {
  const condition = importer.constantOf(call.inputs[0]);
  if (condition === undefined) {
    throw new PathwiseError(
      'UNSUPPORTED_OP',
      'its condition is computed from the inputs of the model; only an If whose condition is known when the file is read is supported',
    );
  }
  if (condition.data.length !== 1) {
    throw new PathwiseError('BAD_FILE', `its condition holds ${condition.data.length} values, expected one`);
  }
  const { graph, scope } = subgraphOf(call, Number(condition.data[0]) !== 0 ? 'then_branch' : 'else_branch');
  return inlineBody(importer, {
    nodes: graph.nodes,
    outputs: graph.outputs.map((output) => output.name ?? ''),
    names: call.outputs,
    scope: { prefix: `${call.name}/`, opsets: scope.opsets, parent: scope, initializers: graph.initializers },
    inputs: [],
  });
}
