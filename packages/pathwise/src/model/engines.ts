import { argumentError, PathwiseError } from '@pathwise/model';
import type { Engine } from '@pathwise/graph';
import { referenceEngine } from '@pathwise/ops';

/** Engines by name; `auto` takes the fastest that is there. */
export const ENGINE_NAMES = ['auto', 'wasm', 'native', 'ort', 'tfjs', 'reference'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/**
 * The engine of a name.
 * @throws PathwiseError ENGINE_UNAVAILABLE for one that is not part of this version
 */
export function engineOf(engine: EngineName | Engine = 'auto'): Engine {
  if (typeof engine !== 'string') return engine;
  if (engine === 'auto' || engine === 'reference') return referenceEngine;
  if (!ENGINE_NAMES.includes(engine)) throw argumentError('explainer', 'engine', ENGINE_NAMES.join(', '), engine);
  throw new PathwiseError(
    'ENGINE_UNAVAILABLE',
    `engine "${engine}" is not part of this version of Pathwise. Use "reference", or "auto" for the fastest there is`,
  );
}
