import { PathwiseError, type Blocker, type Shape, type Warning } from '@pathwise/model';
import type { GraphSource } from '@pathwise/graph';
import type { ModelFormat } from '../files/model-json.ts';

/** A TensorFlow.js model as a source of graphs. Inputs and outputs have the axes that the model's file gives them. */
export interface TfjsSource extends GraphSource {
  readonly format: ModelFormat;
  /** Size of the weights as stored. */
  readonly bytes: number;
  /** What users of the model should know: where runtimes differ, and which meaning was taken. Known once a graph was built. */
  readonly warnings: readonly Warning[];
  /**
   * Tensors whose channels stand second in the graph and last in the model, like most inside convolutional parts.
   * Known once a graph was built.
   */
  readonly channelsFirst: ReadonlySet<string>;
  /** The layers or nodes that cannot be imported for inputs of these shapes. */
  blockers(shapes: Readonly<Record<string, Shape>>): readonly Blocker[];
}

/** Adds the file to errors. */
export function inFile<T>(label: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PathwiseError) || error.place.file !== undefined) throw error;
    const text = error.message.startsWith(label) ? error.message : `${label}: ${error.message}`;
    throw new PathwiseError(error.code, text, { file: label, ...error.place }, { cause: error });
  }
}
