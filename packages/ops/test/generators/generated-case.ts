import fc from 'fast-check';
import type { OpExample } from '@pathwise/graph';

/** One op on generated attributes and shapes, or constants where an input decides what the op does. */
export type GeneratedCase = Omit<OpExample, 'name'>;

/** Cases by name of the op. */
export type Generators = Readonly<Record<string, fc.Arbitrary<GeneratedCase>>>;

/** Name, attributes and inputs in one line: `Softmax {"axis":1} of [2,3]`. */
export function describeCase(op: string, { attrs, inputs, outputs, domain }: GeneratedCase): string {
  const operands = inputs.map((input) => {
    if (input === null) return 'none';
    if (isShape(input)) return `[${input.join(',')}]`;
    return `${input.dtype}[${input.shape.join(',')}](${Array.from(input.data, String).join(',')})`;
  });
  const wanted = outputs === undefined ? '' : `, ${outputs} outputs`;
  const drawn = domain === undefined ? '' : `, values in [${domain.join(', ')}]`;
  return `${op} ${JSON.stringify(attrs ?? {})} of ${operands.join(' ')}${wanted}${drawn}`;
}

/** The cases of an op, which print themselves in a counterexample. */
export function described(op: string, cases: fc.Arbitrary<GeneratedCase>): fc.Arbitrary<GeneratedCase> {
  return cases.map((one) => ({ ...one, [fc.toStringMethod]: () => describeCase(op, one) }));
}

/** Whether an input of an example is a shape to draw values for. */
export function isShape(input: GeneratedCase['inputs'][number]): input is readonly number[] {
  return Array.isArray(input);
}
