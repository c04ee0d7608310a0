import type { TfjsLimits } from '../limits.ts';
import { ImportedSource } from '../source/imported-source.ts';
import type { GraphDefinition } from './definition.ts';
import { importGraph } from './importer.ts';

/** A graph model as a source of graphs. */
export function graphModelSource(definition: GraphDefinition, limits: TfjsLimits): ImportedSource {
  const { label, inputs, weights } = definition;
  const build: ConstructorParameters<typeof ImportedSource>[0]['build'] = (shapes, how) =>
    importGraph(definition, shapes, limits, how);
  const { bytes } = weights;
  return new ImportedSource({ format: 'graph-model', label, inputs, batched: undefined, bytes, limits, build });
}
