// A page on which TensorFlow.js runs a live model on WebGL, explained by the engine tfjs and by our own.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-backend-webgl';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { explainer } from 'pathwise';

const { conv2d, dense, flatten, maxPooling2d } = layers;

async function explainOnBoth() {
  await tf.setBackend('webgl');
  await tf.ready();
  const model = sequential({
    layers: [
      conv2d({ inputShape: [10, 9, 3], filters: 6, kernelSize: 3, padding: 'same', activation: 'relu' }),
      maxPooling2d({ poolSize: 2 }),
      conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
      flatten(),
      dense({ units: 5 }),
    ],
  });
  const data = Float32Array.from({ length: 270 }, (_, i) => Math.sin(i));
  const input = { dtype: 'float32', shape: [1, 10, 9, 3], data };
  const options = { target: 0, steps: 16, quadrature: 'gauss-legendre' };
  const explain = await explainer(model, { engine: 'tfjs', tf });
  const tensors = tf.memory().numTensors;
  const onWebgl = await explain(input, options);
  const leaked = tf.memory().numTensors - tensors;
  const own = await (await explainer(model, { engine: 'wasm' }))(input, options);
  const values = ({ attributions }) => [...Object.values(attributions)[0].data];
  return { backend: tf.getBackend(), leaked, onWebgl: values(onWebgl), own: values(own) };
}

explainOnBoth().then(
  (result) => (document.body.textContent = JSON.stringify(result)),
  (error) => (document.body.textContent = JSON.stringify({ error: String(error.stack) })),
);
