import type { Method, ParamSpec, resolveParams } from '@pathwise/attribution';
import type { Engine, OpSet } from '@pathwise/graph';
import type { PathwiseError, Propagation } from '@pathwise/model';
import type { propagationBlockers } from '@pathwise/ops';

export const ERRORS: Readonly<
  Record<string, { readonly meaning: string; readonly cause: string; readonly fix: string }>
>;
export const WARNINGS: Readonly<Record<string, string>>;
export interface PropagationColumns {
  readonly blockers: typeof propagationBlockers;
  readonly propagations: Readonly<Record<string, Propagation>>;
}
export function propagationColumns(
  methods: readonly Method[],
  resolve: typeof resolveParams,
  blockers: typeof propagationBlockers,
): PropagationColumns;
export function opsPage(ops: OpSet, engines: readonly Engine[], columns: PropagationColumns): string;
export function errorCodes(): string[];
export function errorsPage(exitCodeOf: (error: unknown) => number, error: typeof PathwiseError): string;
export function optionsPage<C extends string>(
  overview: () => string,
  commandHelp: (command: C) => string,
  commands: readonly C[],
): string;
export function methodsPage(methods: readonly Method[], describeRange: (spec: ParamSpec) => string): string;
