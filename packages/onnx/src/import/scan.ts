import { PathwiseError } from '@pathwise/model';
import { numbersAttr } from '../normalize/normalize.ts';
import type { Call } from './call.ts';
import type { ImportContext } from './context.ts';
import { checkIterations, named } from './loop.ts';
import type { Bound } from './scope.ts';
import { importIteration, stackSlices, subgraphOf } from './subgraph.ts';

/** Unrolls a Scan: states first, then the sequences that are scanned along an axis each. */
export function importScan(call: Call, importer: ImportContext): readonly Bound[] {
  if (call.version < 9)
    throw new PathwiseError('UNSUPPORTED_OP', 'Scan of opset 8 (with a batch axis of its own) is not supported');
  const body = subgraphOf(call, 'body');
  const count = Number(call.attrs['num_scan_inputs']);
  if (!(Number.isInteger(count) && count >= 1 && count <= call.inputs.length)) {
    throw new PathwiseError(
      'BAD_FILE',
      `expected attribute num_scan_inputs from 1 to ${call.inputs.length}, got ${count}`,
    );
  }
  const stateCount = call.inputs.length - count;
  const { b } = importer;
  const scanned = call.inputs.slice(stateCount).map((input, i) => {
    const ref = importer.tensor(input, `input ${stateCount + i}`);
    const axis = axisAt(call, 'scan_input_axes', i, b.shape(ref).length);
    return { ref, axis, length: b.shape(ref)[axis] as number, reversed: flag(call, 'scan_input_directions', i) };
  });
  const length = scanned[0]?.length ?? 0;
  if (scanned.some((input) => input.length !== length))
    throw new PathwiseError('BAD_FILE', 'its sequences differ in length');
  let states: readonly Bound[] = call.inputs.slice(0, stateCount);
  const slices = Array.from({ length: body.graph.outputs.length - stateCount }, () => [] as Bound[]);
  for (let t = 0; t < length; t++) {
    checkIterations(t, call, importer);
    const elements = scanned.map(({ ref, axis, reversed }) => {
      const at = b.constant({
        dtype: 'int64',
        shape: [],
        data: BigInt64Array.of(BigInt(reversed ? length - 1 - t : t)),
      });
      return b.emit('Gather', [ref, at], { axis });
    });
    const results = importIteration(importer, call, body, t, [...states, ...elements]);
    states = results.slice(0, stateCount);
    for (const [i, slice] of results.slice(stateCount).entries()) slices[i]?.push(slice);
  }
  if (length === 0 && slices.length > 0) {
    throw new PathwiseError('UNSUPPORTED_OP', 'it runs no iteration, so the shape of its scan outputs is not known');
  }
  return [
    ...states.map((state, i) => named(importer, state, call.outputs[i] ?? '')),
    ...slices.map((list, i) => {
      const rank = b.shape(importer.tensor(list[0], 'an output of its body')).length + 1;
      const ordered = flag(call, 'scan_output_directions', i) ? list.toReversed() : list;
      return stackSlices(
        importer,
        ordered,
        axisAt(call, 'scan_output_axes', i, rank),
        call.outputs[stateCount + i] ?? '',
      );
    }),
  ];
}

function flag(call: Call, attribute: string, i: number): boolean {
  return list(call, attribute)?.[i] === 1;
}

function axisAt(call: Call, attribute: string, i: number, rank: number): number {
  const axis = list(call, attribute)?.[i] ?? 0;
  if (axis < -rank || axis >= rank)
    throw new PathwiseError('BAD_FILE', `axis ${axis} of ${attribute} is outside of rank ${rank}`);
  return axis < 0 ? axis + rank : axis;
}

function list({ attrs, ...call }: Call, attribute: string): readonly number[] | undefined {
  return numbersAttr({ ...call, inputs: [], attrs }, attribute);
}
