import { argumentError, PathwiseError } from '@pathwise/model';
import type { Engine } from '@pathwise/graph';
import { ortEngine } from '@pathwise/onnx/runtime';
import { referenceEngine } from '@pathwise/ops';
import { wasmEngine } from '@pathwise/wasm';
import { autoEngine } from './auto-engine.ts';

/**
 * Engines by name. `auto` is the WASM engine where it has kernels for the model, else the reference engine. `wasm` and
 * `ort` are float32 and refuse some ops by name; `ort` needs onnxruntime-node or onnxruntime-web. `reference` is float64
 * and knows every op.
 */
export const ENGINE_NAMES = ['auto', 'wasm', 'native', 'ort', 'tfjs', 'reference'] as const;
export type EngineName = (typeof ENGINE_NAMES)[number];

/**
 * The engine of a name.
 * @throws PathwiseError ENGINE_UNAVAILABLE for one that is not part of this version
 */
export function engineOf(engine: EngineName | Engine = 'auto'): Engine {
  if (typeof engine !== 'string') return engine;
  if (engine === 'auto') return autoEngine();
  if (engine === 'reference') return referenceEngine;
  if (engine === 'wasm') return wasmEngine;
  if (engine === 'ort') return ortEngine;
  if (!ENGINE_NAMES.includes(engine)) throw argumentError('explainer', 'engine', ENGINE_NAMES.join(', '), engine);
  if (engine === 'tfjs') {
    throw new PathwiseError(
      'ENGINE_UNAVAILABLE',
      'engine "tfjs" runs models that TensorFlow.js has loaded: pass one to explainer() in JavaScript. For files use "wasm" or "reference"',
    );
  }
  throw new PathwiseError(
    'ENGINE_UNAVAILABLE',
    `engine "${engine}" is not part of this version of Pathwise. Use "wasm" for speed or "reference" for float64`,
  );
}
