import { fromNumbers, int64, PathwiseError, tensor } from '@pathwise/model';
import { limitError } from '../limits.ts';
import type { Call } from './call.ts';
import type { ImportContext } from './context.ts';
import type { Bound } from './scope.ts';
import { importIteration, stackSlices, subgraphOf } from './subgraph.ts';

/**
 * Unrolls a Loop. The trip count must be known when the file is read, and the condition after every iteration too.
 * Inputs: trip count, condition, carried values; the body takes and returns the same with the iteration's number first.
 */
export function importLoop(call: Call, importer: ImportContext): readonly Bound[] {
  const body = subgraphOf(call, 'body');
  const [tripCount, condition, ...initial] = call.inputs;
  const most = tripCount === undefined || tripCount === '' ? Infinity : known(importer, tripCount, 'trip count');
  let goesOn = condition === undefined || condition === '' || known(importer, condition, 'condition') !== 0;
  const scans = body.graph.outputs.length - 1 - initial.length;
  if (scans < 0)
    throw new PathwiseError(
      'BAD_FILE',
      `its body has ${body.graph.outputs.length} outputs, expected at least ${1 + initial.length}`,
    );
  let carried: readonly Bound[] = initial;
  const slices = Array.from({ length: scans }, () => [] as Bound[]);
  let iteration = 0;
  for (; goesOn && iteration < most; iteration++) {
    checkIterations(iteration, call, importer);
    const before = [counter(importer, iteration), truth(importer), ...carried];
    const [after, ...results] = importIteration(importer, call, body, iteration, before);
    carried = results.slice(0, initial.length);
    for (const [i, slice] of results.slice(initial.length).entries()) slices[i]?.push(slice);
    goesOn = known(importer, after, 'condition after an iteration') !== 0;
  }
  if (iteration === 0 && scans > 0) {
    throw new PathwiseError('UNSUPPORTED_OP', 'it runs no iteration, so the shape of its scan outputs is not known');
  }
  return [
    ...carried.map((value, i) => named(importer, value, call.outputs[i] ?? '')),
    ...slices.map((list, i) => stackSlices(importer, list, 0, call.outputs[initial.length + i] ?? '')),
  ];
}

export function checkIterations(iteration: number, call: Call, importer: ImportContext): void {
  const { iterations } = importer.model.limits;
  if (iteration >= iterations) {
    throw limitError('iterations', `node "${call.name}" (${call.op}): more than ${iterations} iterations`, iterations, {
      node: call.name,
      op: call.op,
    });
  }
}

/** Values that are carried out keep the name of the node's output. */
export function named(importer: ImportContext, value: Bound, name: string): Bound {
  return typeof value === 'string' && value !== '' && name !== '' ? importer.alias(value, name, name) : value;
}

function known(importer: ImportContext, value: Bound | undefined, what: string): number {
  const constant = importer.constantOf(value);
  if (constant === undefined) {
    throw new PathwiseError(
      'UNSUPPORTED_OP',
      `its ${what} is computed from the inputs of the model; only loops whose length is known when the file is read are supported`,
    );
  }
  if (constant.data.length !== 1)
    throw new PathwiseError('BAD_FILE', `its ${what} holds ${constant.data.length} values, expected one`);
  return Number(constant.data[0]);
}

function counter({ b }: ImportContext, iteration: number): string {
  return b.constant(int64([], [iteration]));
}

function truth({ b }: ImportContext): string {
  return b.constant(tensor('bool', [], fromNumbers('bool', [1])));
}
