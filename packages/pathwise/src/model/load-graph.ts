import type { DifferentiableModel } from '@pathwise/model';
import type { Engine } from '@pathwise/graph';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { wasmEngine } from '@pathwise/wasm';
import type { Host } from '../host/host.ts';
import { fallbackWarning, isAuto } from './auto-engine.ts';
import type { Backend } from './backend.ts';
import { decidedModel } from './decided-model.ts';
import { engineOf, type EngineName } from './engines.ts';
import { marginModel } from './margin-model.ts';
import { loadModel, type ModelInput } from './model-file.ts';

/** A model whose graph runs on one of our engines. */
export async function loadGraph(
  input: ModelInput,
  host: Host,
  { engine: name, workers, maxBytes }: { engine?: EngineName | Engine; workers?: number; maxBytes?: number },
): Promise<Backend> {
  const engine = engineOf(name);
  const file = await loadModel(input, host);
  const options = { ...(maxBytes !== undefined && { maxBytes }), ...(workers !== undefined && { workers }) };
  const plain = graphModel(file.source, engine, options);
  let precise: DifferentiableModel | undefined;
  const inFloat64 = (): DifferentiableModel => (precise ??= graphModel(file.source, referenceEngine, options));
  const model = engine.id === 'wasm' ? decidedModel(plain, marginModel(file.source, wasmEngine), inFloat64) : plain;
  const dispose = (): void => {
    model.dispose();
    precise?.dispose();
  };
  if (!isAuto(engine)) return { file, model, dispose };
  return {
    file,
    model,
    precise: inFloat64,
    warnings: () => (engine.blocker === null ? [] : [fallbackWarning(engine.blocker)]),
    dispose,
  };
}
