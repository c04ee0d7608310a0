import type { Method, ParamSpec } from '@pathwise/attribution';
import type { Engine, OpSet } from '@pathwise/graph';
import type { PathwiseError } from '@pathwise/model';

export const ERRORS: Readonly<
  Record<string, { readonly meaning: string; readonly cause: string; readonly fix: string }>
>;
export const WARNINGS: Readonly<Record<string, string>>;
export function opsPage(ops: OpSet, engines: readonly Engine[]): string;
export function errorCodes(): string[];
export function errorsPage(exitCodeOf: (error: unknown) => number, error: typeof PathwiseError): string;
export function optionsPage<C extends string>(
  overview: () => string,
  commandHelp: (command: C) => string,
  commands: readonly C[],
): string;
export function methodsPage(methods: readonly Method[], describeRange: (spec: ParamSpec) => string): string;
