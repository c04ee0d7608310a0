import type { OpDef, OpSet } from '@pathwise/graph';
import { OpBuilder } from './builder.ts';
import { allOps } from './ops/all.ts';

const byName = new Map<string, OpDef>(allOps.map((op) => [op.name, op]));

/** The set of all ops; its builder has a shorthand for each common one. */
export interface AllOps extends OpSet {
  builder(): OpBuilder;
}

/** All ops, for passes and engines. */
export const ops: AllOps = {
  all: allOps,
  get: (name) => byName.get(name),
  builder: () => new OpBuilder(ops),
};

/** A builder to write a model by hand. */
export function graphBuilder(): OpBuilder {
  return ops.builder();
}
