import { allOps } from '@pathwise/ops';
import { opCase, type OpCase } from '../../ops/test/op-cases.ts';

/** Every example of every op with its gradient, by name: all inputs varying, or the first with the others as weights. */
export function opCases(rows: number): [string, OpCase][] {
  return allOps.flatMap((op) =>
    op.examples.flatMap((example) =>
      (['all', 'first'] as const).flatMap((varying): [string, OpCase][] => {
        const one = opCase(op, example, varying, rows, 7);
        return one === null ? [] : [[`${op.name}: ${example.name} (${varying} varying)`, one]];
      }),
    ),
  );
}
