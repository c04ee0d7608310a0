import type { Tensor } from '@pathwise/model';
import type { Attrs } from '@pathwise/graph';
import { ops } from '../src/index.ts';

/** Evaluates one op on constants in float64. Returns its outputs. */
export function evaluate(op: string, inputs: readonly (Tensor | null)[], attrs: Attrs = {}, outputs = 1): Tensor[] {
  const b = ops.builder();
  const refs = inputs.map((input) => (input === null ? null : b.constant(input)));
  const names = Array.from({ length: outputs }, (_, i) => `y${i}`);
  return b.apply(op, refs, attrs, { outputs: names }).map((name) => b.constantOf(name)!);
}
