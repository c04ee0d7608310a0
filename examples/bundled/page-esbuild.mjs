import { loadCore } from '@pathwise/wasm';
import core from '@pathwise/wasm/core.wasm';
import { explainer } from 'pathwise';

// esbuild leaves files that are named by `new URL` where they are; with --loader:.wasm=file the import is the core's place.
await loadCore(new URL(core, import.meta.url));
// Scripts of workers are named so too: one thread.
const explain = await explainer('model.onnx', { engine: 'wasm' });
const penguin = [38.1, 16.5, 198, 3825, 1, 0, 0, 1, 0];
const { attributions, engine } = await explain([penguin], { target: 0, steps: 32 });
document.body.textContent = JSON.stringify({ engine, attributions: [...attributions.features.data] });
