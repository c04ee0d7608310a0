import { sizeOf, type DType, type Shape, type Tensor } from '@pathwise/model';
import type { Json } from '../src/files/json.ts';
import { readTfjs, type TfjsArtifacts, type TfjsSource } from '../src/index.ts';
import { loadGraphModel, tf } from './tfjs.ts';

const TYPES: Partial<Record<DType, string>> = { float32: 'DT_FLOAT', int32: 'DT_INT32', bool: 'DT_BOOL' };

/** Attributes as protobuf writes them in JSON. */
export const s = (text: string): Json => ({ s: btoa(text) });
export const i = (number: number): Json => ({ i: String(number) });
export const f = (number: number): Json => ({ f: number });
export const b = (flag: boolean): Json => ({ b: flag });
export const type = (dtype: DType): Json => ({ type: TYPES[dtype] as string });
export const is = (...numbers: number[]): Json => ({ list: { i: numbers.map(String) } });
export const ss = (...texts: string[]): Json => ({ list: { s: texts.map((text) => btoa(text)) } });

/** A graph model written by hand, to be read by us and by TensorFlow.js. */
export class WrittenGraph {
  readonly nodes: Json[] = [];
  readonly weights: Map<string, Tensor> = new Map();
  readonly inputs: Record<string, Json> = {};
  readonly outputs: Record<string, Json> = {};
  #count = 0;

  /** An input; a size of null is not known. */
  input(name: string, shape: readonly (number | null)[], dtype: DType = 'float32'): string {
    const tensorShape = { dim: shape.map((size) => ({ size: String(size ?? -1) })) };
    this.nodes.push({ name, op: 'Placeholder', attr: { dtype: type(dtype), shape: { shape: tensorShape } } });
    this.inputs[name] = { name: `${name}:0`, dtype: TYPES[dtype] as string, tensorShape };
    return name;
  }

  constant(
    shape: Shape,
    values: ArrayLike<number>,
    dtype: DType = 'float32',
    name: string = this.#fresh('Const'),
  ): string {
    const data = { float32: Float32Array, int32: Int32Array, bool: Uint8Array }[
      dtype as 'float32' | 'int32' | 'bool'
    ].from(values);
    if (data.length !== sizeOf(shape)) throw new Error(`${name}: ${data.length} values for [${shape.join(',')}]`);
    this.weights.set(name, { dtype, shape, data });
    const tensorShape = { dim: shape.map((size) => ({ size: String(size) })) };
    const value = { tensor: { dtype: TYPES[dtype] as string, tensorShape } };
    this.nodes.push({ name, op: 'Const', attr: { dtype: type(dtype), value } });
    return name;
  }

  ints(...values: number[]): string {
    return this.constant([values.length], values, 'int32');
  }

  int(value: number): string {
    return this.constant([], [value], 'int32');
  }

  node(op: string, input: readonly string[], attr: Json = {}, name: string = this.#fresh(op)): string {
    this.nodes.push({ name, op, input: [...input], attr });
    return name;
  }

  output(name: string, from: string): void {
    this.outputs[name] = { name: from.includes(':') ? from : `${from}:0` };
  }

  source(): Promise<TfjsSource> {
    return readTfjs(this.artifacts() as TfjsArtifacts, { name: 'test' });
  }

  artifacts(): tf.io.ModelArtifacts {
    const bytes = [...this.weights.values()].map(({ data }) => new Uint8Array(data.buffer));
    const weightData = new Uint8Array(bytes.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of bytes) {
      weightData.set(part, at);
      at += part.length;
    }
    return {
      format: 'graph-model',
      modelTopology: { node: this.nodes, library: {}, versions: { producer: 1087 } },
      signature: { inputs: this.inputs, outputs: this.outputs },
      weightSpecs: [...this.weights].map(([name, { shape, dtype }]) => ({
        name,
        shape: [...shape],
        dtype: dtype as 'float32',
      })),
      weightData: weightData.buffer,
    };
  }

  /** TensorFlow.js's own model of it. */
  async tfjs(): Promise<Awaited<ReturnType<typeof loadGraphModel>>> {
    return loadGraphModel(tf.io.fromMemory(this.artifacts()));
  }

  #fresh(op: string): string {
    return `${op}_${this.#count++}`;
  }
}
