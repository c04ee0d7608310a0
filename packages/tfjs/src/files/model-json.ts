import { fileError } from '@pathwise/model';
import type { TfjsLimits } from '../limits.ts';
import { Fields } from './fields.ts';
import { isObject, type Json } from './json.ts';
import type { WeightGroup } from './read-weights.ts';
import { checkShardPath } from './shard-path.ts';
import { weightSpec } from './weight-spec.ts';

export type ModelFormat = 'layers-model' | 'graph-model';

/** A checked model.json; what is inside its topology is the importers' business. */
export interface ModelJson {
  /** Name of the file, for messages. */
  readonly label: string;
  readonly format: ModelFormat;
  /** The whole file: `signature`, `userDefinedMetadata`, `generatedBy` ... */
  readonly fields: Fields;
  readonly topology: Fields;
  readonly groups: readonly WeightGroup[];
}

/**
 * Checks the outer parts of model.json: the format, the topology's presence, and the manifest with its paths, types and sizes.
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED, UNSUPPORTED_OP for types of weights that are not read
 */
export function modelJson(json: Json, label: string, limits: TfjsLimits): ModelJson {
  if (!isObject(json) || !Object.hasOwn(json, 'modelTopology')) {
    throw fileError(label, 'has no "modelTopology"', {}, 'Is it the model.json of a TensorFlow.js model?');
  }
  const fields = new Fields(json, label);
  const topology = fields.object('modelTopology');
  const groups = fields
    .array('weightsManifest', [])
    .map((entry, i) => group(entry, `${label}: weights group ${i}`, limits));
  for (const path of groups.flatMap(({ paths }) => paths)) checkShardPath(path, label);
  return { label, format: formatOf(fields, topology), fields, topology, groups };
}

function group(json: Json, where: string, limits: TfjsLimits): WeightGroup {
  const fields = new Fields(json, where);
  const paths = fields.array('paths').map((path) => {
    if (typeof path !== 'string') throw fields.error('paths', 'a list of texts', fields.raw('paths'));
    return path;
  });
  return {
    paths,
    weights: fields.array('weights').map((spec, k) => weightSpec(spec, `${where}, weight ${k}`, limits)),
  };
}

/** Old files do not say; the topology tells. */
function formatOf(fields: Fields, topology: Fields): ModelFormat {
  const said = fields.has('format') ? fields.string('format') : null;
  const seen: ModelFormat | null = topology.has('node')
    ? 'graph-model'
    : topology.has('model_config') || topology.has('config')
      ? 'layers-model'
      : null;
  if (seen === null) {
    throw fileError(fields.where, 'its topology has neither "node" (a graph model) nor "config" (a layers model)');
  }
  if (said !== null && said !== 'graph-model' && said !== 'layers-model') {
    throw fields.error('format', 'graph-model or layers-model', said);
  }
  if (said !== null && said !== seen) throw fields.error('format', `"${seen}", as the topology is one`, said);
  return seen;
}
