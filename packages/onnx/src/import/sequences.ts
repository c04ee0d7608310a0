import { int64, PathwiseError } from '@pathwise/model';
import type { StructuralRule } from './call.ts';
import type { ImportContext } from './context.ts';
import { named } from './loop.ts';
import type { Bound } from './scope.ts';

/** Sequences of tensors exist while the file is read only: graphs see their elements. */
export const sequenceRules: Readonly<Record<string, StructuralRule>> = {
  SequenceEmpty: () => [[]],
  SequenceConstruct: ({ inputs }, importer) => [inputs.map((input, i) => importer.tensor(input, `input ${i}`))],
  SequenceInsert: ({ inputs: [sequence, element, position] }, importer) => {
    const list = elements(sequence);
    const at =
      position === undefined || position === '' ? list.length : indexIn(importer, position, list.length, list.length);
    return [list.toSpliced(at, 0, importer.tensor(element, 'the element'))];
  },
  SequenceErase: ({ inputs: [sequence, position] }, importer) => {
    const list = elements(sequence);
    const at =
      position === undefined || position === ''
        ? list.length - 1
        : indexIn(importer, position, list.length, list.length - 1);
    return [list.toSpliced(at, 1)];
  },
  SequenceAt: ({ inputs: [sequence, position], outputs }, importer) => {
    const list = elements(sequence);
    const element = list[indexIn(importer, position, list.length, list.length - 1)] as string;
    return [named(importer, element, outputs[0] ?? '')];
  },
  SequenceLength: ({ inputs: [sequence], outputs }, { b }) => [
    b.constant(int64([], [elements(sequence).length]), outputs[0]),
  ],
  ConcatFromSequence: ({ name, inputs: [sequence], outputs, attrs }, { b }) => {
    const axis = Number(attrs['axis']);
    const list = elements(sequence);
    if (attrs['new_axis'] !== 1) return b.apply('Concat', list, { axis }, { name, outputs });
    const rows = list.map((element) => b.emit('Unsqueeze', [element, b.ints([axis])]));
    return b.apply('Concat', rows, { axis }, { name, outputs });
  },
  SplitToSequence: ({ inputs: [input, sizes], attrs }, importer) => {
    const { b } = importer;
    const ref = importer.tensor(input, 'input 0');
    const rank = b.shape(ref).length;
    const axis = (Number(attrs['axis'] ?? 0) + rank) % rank;
    const total = b.shape(ref)[axis] as number;
    const parts = partSizes(importer, sizes, total);
    const names = parts.map(() => b.freshName('part'));
    const pieces = b.apply('Split', [ref, b.ints(parts)], { axis }, { outputs: names });
    const keeps = Number(attrs['keepdims'] ?? 1) !== 0 || (sizes !== undefined && sizes !== '');
    return [keeps ? pieces : pieces.map((piece) => b.emit('Squeeze', [piece, b.ints([axis])]))];
  },
};

/** Sizes of the parts: as given, or all equal to the one number given (the last may be smaller). */
function partSizes(importer: ImportContext, sizes: Bound | undefined, total: number): number[] {
  if (sizes === undefined || sizes === '') return new Array<number>(total).fill(1);
  const value = importer.constantOf(sizes);
  if (value === undefined) throw new PathwiseError('UNSUPPORTED_OP', 'input split must be constant');
  if (value.shape.length > 0) return Array.from(value.data, Number);
  const size = Number(value.data[0]);
  if (!(size >= 1)) throw new PathwiseError('BAD_FILE', `expected a split of at least 1, got ${size}`);
  return Array.from({ length: Math.ceil(total / size) }, (_, i) => Math.min(size, total - i * size));
}

function elements(value: Bound | undefined): readonly string[] {
  if (Array.isArray(value)) return value as readonly string[];
  throw new PathwiseError('BAD_FILE', 'expected a sequence, got a tensor');
}

function indexIn(importer: ImportContext, position: Bound | undefined, length: number, last: number): number {
  const value = importer.constantOf(position);
  if (value === undefined)
    throw new PathwiseError('UNSUPPORTED_OP', 'its position is computed from the inputs of the model');
  const given = Number(value.data[0]);
  const index = given < 0 ? given + length : given;
  if (!(index >= 0 && index <= last))
    throw new PathwiseError('BAD_FILE', `position ${given} is outside of a sequence of ${length}`);
  return index;
}
