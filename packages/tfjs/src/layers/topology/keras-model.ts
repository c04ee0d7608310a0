import type { Fields } from '../../files/fields.ts';
import type { Json } from '../../files/json.ts';

/** A tensor of a Keras model: an output of one call of a layer. */
export interface TensorOf {
  readonly layer: string;
  /** Which call of the layer, from 0 in the order of the file. */
  readonly call: number;
  readonly output: number;
}

/** One call of a layer. */
export interface KerasCall {
  /** Tensors in positional arguments, flattened. */
  readonly inputs: readonly TensorOf[];
  /** Other arguments: tensors, or values as they are in the file. */
  readonly keywords: ReadonlyMap<string, readonly TensorOf[] | Json>;
}

export interface KerasLayer {
  readonly name: string;
  readonly className: string;
  readonly config: Fields;
  readonly calls: readonly KerasCall[];
  /** The layer is a model itself. */
  readonly model: KerasModel | null;
}

/** A functional model; a sequential one is read as a chain of layers. */
export interface KerasModel {
  readonly name: string;
  readonly layers: ReadonlyMap<string, KerasLayer>;
  readonly inputs: readonly TensorOf[];
  readonly outputs: readonly TensorOf[];
}
