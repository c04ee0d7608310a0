// Runs in plain Node, as users do: bundlers and test runners find modules that Node does not, and the other way round.
import assert from 'node:assert/strict';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { float32 } from '@pathwise/model';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { readTfjs, runLiveModel } from '@pathwise/tfjs';

await tf.setBackend('cpu');
const objective = (tensor) => ({ tensor, rows: [{ kind: 'linear', weights: Float64Array.of(1, 0) }] });
const explain = (model) => {
  const [{ name }] = model.inputs;
  const feeds = { [name]: float32([1, 3], [1, -2, 3]) };
  return model.gradient({ feeds, objective: objective(model.outputs[0].name), wrt: [name] });
};

const { loadGraphModel } = await import('@tensorflow/tfjs-converter');
const kernel = new Float32Array([1, 2, 3, 4, 5, 6]);
const graph = await loadGraphModel(
  tf.io.fromMemory({
    modelTopology: {
      node: [
        {
          name: 'x',
          op: 'Placeholder',
          attr: { dtype: { type: 'DT_FLOAT' }, shape: { shape: { dim: [{ size: '-1' }, { size: '3' }] } } },
        },
        { name: 'w', op: 'Const', attr: { dtype: { type: 'DT_FLOAT' } } },
        { name: 'y', op: 'MatMul', input: ['x', 'w'], attr: { transpose_a: { b: false }, transpose_b: { b: false } } },
      ],
      library: {},
      versions: { producer: 1087 },
    },
    weightSpecs: [{ name: 'w', shape: [3, 2], dtype: 'float32' }],
    weightData: kernel.buffer,
  }),
);
// The library is found by its name; without tfjs-layers it has no gradients, which is said.
const bare = await runLiveModel(graph);
await assert.rejects(
  explain(bare),
  /gradient function not found for \w+. Import @tensorflow\/tfjs or @tensorflow\/tfjs-layers/,
);

const layers = await import('@tensorflow/tfjs-layers');
for (const live of [
  graph,
  layers.sequential({ layers: [layers.layers.dense({ inputShape: [3], units: 2, kernelInitializer: 'ones' })] }),
]) {
  const [theirs, ours] = [await runLiveModel(live, { tf }), graphModel(await readTfjs(live), referenceEngine)];
  const [a, b] = [await explain(theirs), await explain(ours)];
  assert.deepEqual(Object.values(a.gradients)[0].data, Object.values(b.gradients)[0].data);
}
console.log('as expected');
