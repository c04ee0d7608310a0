import { explainer } from 'pathwise';

/** A page that explains what `model.onnx` beside it answers to a row. Vite and webpack bundle it as it is. */
const explain = await explainer('model.onnx', { engine: 'wasm', workers: 2 });
const penguin = [38.1, 16.5, 198, 3825, 1, 0, 0, 1, 0];
const { attributions, engine } = await explain([penguin], { target: 0, steps: 32 });
document.body.textContent = JSON.stringify({ engine, attributions: [...attributions.features.data] });
