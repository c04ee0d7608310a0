import { fromNumbers, tensor } from '@pathwise/model';
import type { Call, StructuralRule } from './call.ts';
import type { ImportContext } from './context.ts';
import type { Bound } from './scope.ts';

/** Identity keeps the tensor's second name; of a constant or a sequence nothing is copied. */
export function importIdentity(call: Call, importer: ImportContext): readonly Bound[] {
  const [input] = call.inputs;
  if (Array.isArray(input)) return [input];
  return [importer.alias(importer.tensor(input, 'input 0'), call.outputs[0] ?? '', call.name)];
}

/** Graphs hold no optional values: one that is there is its tensor, one that is not is an absent name. */
export const optionalRules: Readonly<Record<string, StructuralRule>> = {
  OptionalGetElement: importIdentity,
  OptionalHasElement: ({ inputs, outputs }, { b }) => {
    const present = inputs.length > 0 && inputs[0] !== '';
    return [b.constant(tensor('bool', [], fromNumbers('bool', [Number(present)])), outputs[0])];
  },
};
