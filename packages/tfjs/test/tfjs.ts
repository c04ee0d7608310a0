// TensorFlow.js as the oracle of these tests, on its cpu backend. tfjs-layers registers every gradient.
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import * as layers from '@tensorflow/tfjs-layers';
import { loadGraphModel } from '@tensorflow/tfjs-converter';

await tf.setBackend('cpu');

export { layers, loadGraphModel, tf };
