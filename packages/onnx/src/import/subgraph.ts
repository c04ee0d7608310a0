import { PathwiseError } from '@pathwise/model';
import type { Subgraph } from './attributes.ts';
import type { Call } from './call.ts';
import { inlineBody } from './inline.ts';
import type { ImportContext } from './context.ts';
import type { Bound } from './scope.ts';

export function subgraphOf(call: Call, attribute: string): Subgraph {
  const subgraph = call.graphs[attribute];
  if (subgraph === undefined) throw new PathwiseError('BAD_FILE', `attribute ${attribute} is missing`);
  return subgraph;
}

/** Imports iteration `index` of a body with the values of its inputs; outputs get `names` where they are not ''. */
export function importIteration(
  importer: ImportContext,
  call: Call,
  { graph, scope }: Subgraph,
  index: number,
  values: readonly Bound[],
  names: readonly string[] = [],
): Bound[] {
  const inputs = graph.inputs.map((input) => input.name ?? '');
  if (inputs.length !== values.length) {
    throw new PathwiseError('BAD_FILE', `its body has ${inputs.length} inputs, expected ${values.length}`);
  }
  return inlineBody(importer, {
    nodes: graph.nodes,
    outputs: graph.outputs.map((output) => output.name ?? ''),
    names,
    scope: { prefix: `${call.name}/${index}/`, opsets: scope.opsets, parent: scope, initializers: graph.initializers },
    inputs: inputs.map((name, i) => [name, values[i] as Bound]),
  });
}

/** Slices collected over the iterations, joined along a new axis. */
export function stackSlices(importer: ImportContext, slices: readonly Bound[], axis: number, name: string): string {
  const { b } = importer;
  const rows = slices.map((slice) =>
    b.emit('Unsqueeze', [importer.tensor(slice, 'an output of its body'), b.ints([axis])]),
  );
  return b.apply(
    'Concat',
    rows,
    { axis },
    { name: name === '' ? 'stack' : name, outputs: [name === '' ? b.freshName('stack') : name] },
  )[0] as string;
}
