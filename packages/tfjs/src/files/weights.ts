import { float16ToNumber, PathwiseError, sizeOf, type Tensor, type TensorData } from '@pathwise/model';
import { STORED_BYTES, type WeightSpec } from './weight-spec.ts';

/** The weights of a model by name; data are decoded when they are asked for. */
export class Weights {
  /** Names in the order of the file. */
  readonly names: readonly string[];
  /** Bytes of all of them as stored. */
  readonly bytes: number;
  readonly #readers: ReadonlyMap<string, () => Tensor>;

  constructor(readers: ReadonlyMap<string, () => Tensor>, bytes: number) {
    this.#readers = readers;
    this.names = [...readers.keys()];
    this.bytes = bytes;
  }

  has(name: string): boolean {
    return this.#readers.has(name);
  }

  /**
   * The value of a weight: float32, int32 or bool.
   * @throws PathwiseError BAD_FILE when there is none, UNSUPPORTED_OP for strings
   */
  tensor(name: string): Tensor {
    const read = this.#readers.get(name);
    if (read === undefined) {
      throw new PathwiseError('BAD_FILE', `there is no weight "${name}" in the manifest`, { tensor: name });
    }
    return read();
  }
}

/** Weights that are in memory as tensors already. */
export function weightsOf(tensors: ReadonlyMap<string, Tensor>): Weights {
  let bytes = 0;
  const readers = new Map<string, () => Tensor>();
  for (const [name, tensor] of tensors) {
    bytes += tensor.data.byteLength;
    readers.set(name, () => tensor);
  }
  return new Weights(readers, bytes);
}

/**
 * A reader for a weight whose bytes (little-endian) begin at `offset`; they need not be aligned.
 * Quantised values are computed in float64 and rounded once, as TensorFlow.js does.
 */
export function weightReader(spec: WeightSpec, bytes: Uint8Array, offset: number): () => Tensor {
  const { name, shape, dtype, stored } = spec;
  if (stored === 'string' || dtype === 'string') {
    return () => {
      throw new PathwiseError('UNSUPPORTED_OP', `weight "${name}" holds strings, which graphs do not have`, {
        tensor: name,
      });
    };
  }
  return () => {
    const length = sizeOf(shape) * STORED_BYTES[stored];
    const own = bytes.buffer.slice(bytes.byteOffset + offset, bytes.byteOffset + offset + length) as ArrayBuffer;
    return { dtype, shape, data: decode(spec, own) };
  };
}

function decode({ stored, dtype, scale, min }: WeightSpec, bytes: ArrayBuffer): TensorData {
  switch (stored) {
    case 'int32':
      return new Int32Array(bytes);
    case 'bool':
      return new Uint8Array(bytes).map((v) => (v === 0 ? 0 : 1));
    case 'float16':
      return Float32Array.from(new Uint16Array(bytes), float16ToNumber);
    case 'uint8':
    case 'uint16': {
      const quantized = stored === 'uint8' ? new Uint8Array(bytes) : new Uint16Array(bytes);
      if (dtype === 'int32') return Int32Array.from(quantized, (q) => Math.round(q * scale + min));
      return Float32Array.from(quantized, (q) => q * scale + min);
    }
    default:
      return new Float32Array(bytes);
  }
}
