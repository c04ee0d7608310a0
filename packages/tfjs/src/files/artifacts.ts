import { argumentError } from '@pathwise/model';
import type { TfjsLimits } from '../limits.ts';
import { isObject, type Json } from './json.ts';
import { modelJson, type ModelJson } from './model-json.ts';
import { weightsInMemory } from './read-weights.ts';
import type { Weights } from './weights.ts';

/** A model in memory, as `tf.io.ModelArtifacts` has it: what `tf.io` handlers load and save. */
export interface TfjsArtifacts {
  readonly modelTopology?: object | ArrayBuffer;
  /** Entries of a weights manifest, in the order of the data. */
  readonly weightSpecs?: readonly object[];
  readonly weightData?: ArrayBuffer | readonly ArrayBuffer[];
  readonly format?: string;
  readonly generatedBy?: string;
  readonly signature?: object;
  readonly userDefinedMetadata?: object;
}

export function isArtifacts(value: object): value is TfjsArtifacts {
  return 'modelTopology' in value && isObject(value.modelTopology);
}

/** Checks and reads artifacts. @throws PathwiseError as for files */
export function readArtifacts(
  artifacts: TfjsArtifacts,
  label: string,
  limits: TfjsLimits,
): { readonly json: ModelJson; readonly weights: Weights } {
  const { weightSpecs = [], weightData = [], ...rest } = artifacts;
  const json = modelJson(
    { ...rest, weightsManifest: [{ paths: [], weights: weightSpecs }] } as unknown as Json,
    label,
    limits,
  );
  return {
    json,
    weights: weightsInMemory(
      json.groups.flatMap((group) => group.weights),
      bytesOf(weightData),
    ),
  };
}

function bytesOf(data: NonNullable<TfjsArtifacts['weightData']>): Uint8Array {
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  if (!Array.isArray(data) || !data.every((part) => part instanceof ArrayBuffer)) {
    throw argumentError('readTfjs', 'weightData', 'an ArrayBuffer or a list of them', typeof data);
  }
  const parts = data as readonly ArrayBuffer[];
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(new Uint8Array(part), at);
    at += part.byteLength;
  }
  return bytes;
}
