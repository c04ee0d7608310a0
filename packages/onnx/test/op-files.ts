import type { OpDef, OpExample } from '@pathwise/graph';
import type { Tensor } from '@pathwise/model';
import { allOps, ops } from '@pathwise/ops';
import { uniformFrom } from '../../model/testing/uniform.ts';
import { opCase, stacked, type OpCase } from '../../ops/test/op-cases.ts';

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

/** The examples of ops that are lowered before they are differentiated, as they stand in the graph of a forward pass. */
export function plainCases(): [string, OpCase][] {
  return allOps
    .filter((op) => op.vjp === undefined && op.lower !== undefined)
    .flatMap((op) =>
      op.examples.map((example): [string, OpCase] => [`${op.name}: ${example.name}`, plain(op, example)]),
    );
}

function plain(op: OpDef, example: OpExample): OpCase {
  const draw = uniformFrom(7);
  const [low, high] = example.domain ?? [-2, 2];
  const b = ops.builder();
  const feeds: Record<string, Tensor> = {};
  const refs = example.inputs.map((input, i) => {
    if (input === null) return null;
    if ('data' in input) return b.constant(input);
    const name = b.input(`x${i}`, input);
    feeds[name] = { ...stacked([1, ...input], 1, () => low + (high - low) * draw()), shape: input };
    return name;
  });
  const outputs = Array.from({ length: example.outputs ?? 1 }, (_, i) => `y${i}`);
  b.apply(op.name, refs, example.attrs ?? {}, { outputs });
  return { graph: b.build(outputs), feeds, wanted: outputs };
}
