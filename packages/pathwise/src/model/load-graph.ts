import type { DifferentiableModel } from '@pathwise/model';
import type { Engine } from '@pathwise/graph';
import { graphModel, referenceEngine } from '@pathwise/ops';
import type { Host } from '../host/host.ts';
import { fallbackWarning, isAuto } from './auto-engine.ts';
import type { Backend } from './backend.ts';
import { engineOf, type EngineName } from './engines.ts';
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
  const model = graphModel(file.source, engine, options);
  if (!isAuto(engine)) return { file, model, dispose: () => model.dispose() };
  let precise: DifferentiableModel | undefined;
  return {
    file,
    model,
    precise: () => (precise ??= graphModel(file.source, referenceEngine, options)),
    warnings: () => (engine.blocker === null ? [] : [fallbackWarning(engine.blocker)]),
    dispose(): void {
      model.dispose();
      precise?.dispose();
    },
  };
}
