import type { Blocker, Shape } from '@pathwise/model';
import type { GraphSource } from '@pathwise/graph';

/** An ONNX file as a source of graphs. */
export interface OnnxSource extends GraphSource {
  /** The nodes that cannot be imported for inputs of these shapes; see `unsupported`. */
  blockers(shapes: Readonly<Record<string, Shape>>): readonly Blocker[];
}
