import type { NodeProto } from '../wire/messages.ts';
import type { ImportContext } from './context.ts';
import { Scope, type Bound, type ScopeOptions } from './scope.ts';

/** A body to be put in place of a node. */
export interface InlineRequest {
  readonly nodes: readonly NodeProto[];
  readonly outputs: readonly string[];
  /** Names that the outputs take in the graph; '' for any. */
  readonly names: readonly string[];
  readonly scope: ScopeOptions;
  /** What the body's inputs are. */
  readonly inputs: readonly (readonly [name: string, value: Bound])[];
}

/** Imports a body; its outputs get the names asked for. */
export function inlineBody(
  importer: ImportContext,
  { nodes, outputs, names, scope: options, inputs }: InlineRequest,
): Bound[] {
  importer.count();
  const scope = new Scope({ ...options, renames: renamesOf(outputs, names) });
  for (const [name, value] of inputs) scope.bind(name, value);
  const results = importer.body(nodes, outputs, scope);
  return results.map((result, i) => {
    const name = names[i] ?? '';
    return typeof result === 'string' && result !== '' && name !== '' ? importer.alias(result, name, name) : result;
  });
}

/** Outputs take their final name where they are made. */
function renamesOf(outputs: readonly string[], names: readonly string[]): Map<string, string> {
  const renames = new Map<string, string>();
  for (const [i, output] of outputs.entries()) {
    const name = names[i] ?? '';
    if (name !== '' && !renames.has(output)) renames.set(output, name);
  }
  return renames;
}
