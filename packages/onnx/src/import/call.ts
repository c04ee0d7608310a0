import type { ImportNode } from '../normalize/normalize.ts';
import type { Subgraph } from './attributes.ts';
import type { ImportContext } from './context.ts';
import type { Bound, Scope } from './scope.ts';

/** A node whose operands and attributes are resolved. `inputs` may be sequences; '' is an absent one. */
export interface Call extends Omit<ImportNode, 'inputs'> {
  readonly inputs: readonly Bound[];
  readonly graphs: Readonly<Record<string, Subgraph>>;
  readonly scope: Scope;
}

/** Imports a node that is structure rather than an op: control flow, sequences, constants. Returns what its outputs are. */
export type StructuralRule = (call: Call, importer: ImportContext) => readonly Bound[];
