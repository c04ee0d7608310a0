import type { OpDef } from '@pathwise/graph';
import { unary } from '../families/unary.ts';

/**
 * The input itself, whose gradient is zero. Not an op of ONNX; models of TensorFlow have it.
 * @source TensorFlow, documentation of tf.stop_gradient
 */
export const stopGradient: OpDef = unary({ name: 'StopGradient', code: 0x0133, f: () => (x) => x });
