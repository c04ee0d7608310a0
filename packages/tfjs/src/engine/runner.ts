import type { DType } from '@pathwise/model';
import type { Tf, TfTensor } from './tf.ts';

/** An input or output of a live model; -1 for a size that is not known. */
export interface RunnerTensor {
  readonly name: string;
  readonly dtype: DType;
  readonly shape: readonly number[];
}

export interface RunnerInput extends RunnerTensor {
  /** For token ids: what looks them up, whose output can be read, fed and differentiated by. */
  readonly embedding: string | null;
}

/** How an output ends, as far as the model says. */
export interface Ending {
  readonly op: 'Softmax' | 'Sigmoid' | 'other';
  /** The tensor before it that can be read; null where there is none. */
  readonly before: string | null;
}

/** A live model that can be run with values of its inputs, or of its embeddings in place of the ids. */
export interface Runner {
  readonly inputs: readonly RunnerInput[];
  readonly outputs: readonly RunnerTensor[];
  ending(output: string): Ending;
  /** Values of `wanted` (outputs, embeddings, tensors before endings). Runs inside `tf.tidy`. */
  evaluate(tf: Tf, fed: ReadonlyMap<string, TfTensor>, wanted: readonly string[]): TfTensor[];
}

/** Types of TensorFlow.js; ids may come as floats there. */
export function dtypeOf(tfType: string): DType {
  return tfType === 'int32' || tfType === 'bool' ? tfType : 'float32';
}
