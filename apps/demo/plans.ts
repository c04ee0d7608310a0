// Compiles the bundled models for the first picture; loaded by vite.config.ts when the page is bundled.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { compilePlan, explainer, readLabels, type Preprocessing } from 'pathwise';

/** The bundled models whose inputs are numbers: token ids have no plans. */
const MODELS = ['fashion-mnist', 'fashion-scenes', 'penguins', 'events'];

/**
 * Plan files by the models' names.
 * @param folder - with the models, by name
 */
export async function plans(folder: string): Promise<ReadonlyMap<string, Uint8Array>> {
  const files = new Map<string, Uint8Array>();
  for (const model of MODELS) {
    const at = (name: string): string => join(folder, model, name);
    const labels = readLabels(new Uint8Array(readFileSync(at('labels.txt'))), 'labels.txt');
    const recipe = at('preprocess.json');
    const explain = await explainer(at('model.onnx'), { engine: 'wasm', labels });
    const options = existsSync(recipe) ? { preprocess: JSON.parse(readFileSync(recipe, 'utf8')) as Preprocessing } : {};
    files.set(model, await compilePlan(explain, options));
    explain.dispose();
  }
  return files;
}
