import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fastestBatch, integrate } from '../task.mjs';
import { tfjsForward } from './tfjs-graph.mjs';

let loading;

/** TensorFlow.js on its WebAssembly backend, SIMD, one thread. */
async function load() {
  // Required, since its ES modules import each other without endings, which Node does not resolve.
  const require = createRequire(import.meta.url);
  const tf = require('@tensorflow/tfjs-core');
  // Loaded for its side effect: the core registers no gradients by itself.
  require('@tensorflow/tfjs-layers');
  const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(join(dirname(require.resolve('@tensorflow/tfjs-backend-wasm')), '/'));
  tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  await tf.setBackend('wasm');
  await tf.ready();
  return tf;
}

/** Gradients by tf.grad, with the batch that is fastest there. */
export function tfjs() {
  return {
    id: 'tfjs',
    label: 'TensorFlow.js wasm',
    async open(task) {
      loading ??= load();
      const tf = await loading;
      const forward = tfjsForward(tf, task.graph);
      const target = (x) => tf.sum(tf.slice(forward(x), [0, task.target], [-1, 1]));
      const gradient = tf.grad(target);
      const gradients = async (rows, count) => {
        const result = tf.tidy(() => gradient(tf.tensor(rows, [count, ...task.shape.slice(1)])));
        const data = await result.data();
        result.dispose();
        return data;
      };
      // The first call compiles.
      await integrate(task, 1, 1, gradients);
      const started = performance.now();
      await integrate(task, 1, 1, gradients);
      const slow = performance.now() - started > 500;
      // Where one point takes that long, batches gain nothing, and finding one takes minutes.
      const batch = slow
        ? 1
        : await fastestBatch([1, 2, 5, 10, 25, 50], (size) => integrate(task, 50, size, gradients));
      return {
        note: `tfjs ${tf.version_core}, ${batch} points a batch`,
        run: (points) => integrate(task, points, batch, gradients),
        close: () => tf.disposeVariables(),
      };
    },
  };
}
