import type { Method, ParamSpec } from '@pathwise/attribution';
import type { Engine, OpSet } from '@pathwise/graph';

export const ERRORS: Readonly<
  Record<string, { readonly meaning: string; readonly cause: string; readonly fix: string }>
>;
export function opsPage(ops: OpSet, engines: readonly Engine[]): string;
export function errorCodes(): string[];
export function errorsPage(): string;
export function methodsPage(methods: readonly Method[], describeRange: (spec: ParamSpec) => string): string;
