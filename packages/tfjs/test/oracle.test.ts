import { expect, test } from 'vitest';
import { layers, loadGraphModel, tf } from './tfjs.ts';

// Statements about files and gradients are those of this version.
test('the oracle is TensorFlow.js 4.22.0 on its cpu backend', () => {
  expect([tf.version_core, layers.version_layers, tf.getBackend()]).toEqual(['4.22.0', '4.22.0', 'cpu']);
  expect(typeof loadGraphModel).toBe('function');
});
