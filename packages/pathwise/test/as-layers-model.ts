import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sizeOf, toFloat64, type Tensor } from '@pathwise/model';
import type { Graph, Node } from '@pathwise/graph';

/** A layer as Keras 2 writes it. */
interface LayerJson {
  readonly name: string;
  readonly class_name: string;
  readonly config: object;
  readonly inbound_nodes: unknown;
}

/** Places in `values` of shape [...shape] in the order of permuted axes. */
function permute(values: Float64Array, shape: readonly number[], perm: readonly number[]): Float32Array {
  const strides = shape.map((_, axis) => sizeOf(shape.slice(axis + 1)));
  const to = perm.map((axis) => shape[axis]!);
  return Float32Array.from(values, (_, i) => {
    let [rest, from] = [i, 0];
    for (let axis = to.length - 1; axis >= 0; axis--) {
      from += (rest % to[axis]!) * strides[perm[axis]!]!;
      rest = Math.floor(rest / to[axis]!);
    }
    return values[from]!;
  });
}

/**
 * Writes the networks of `models/` as layers models with the same weights, channels last, the weights in shards of odd
 * length. A second way to the same function: for tests only.
 */
export function writeLayersModel(graph: Graph, folder: string): string {
  const layers: LayerJson[] = [];
  const weights: { name: string; shape: number[]; data: Float32Array }[] = [];
  /** Shapes [c, h, w] of what was flattened, by the name of the flat tensor. */
  const flattened = new Map<string, readonly number[]>();
  const constant = (name: string): Tensor => graph.constants.get(name)!;
  const layer = (node: Node, class_name: string, config: object, inputs = [node.inputs[0]!]): void => {
    const name = node.outputs[0]!;
    const inbound_nodes = [inputs.map((input) => [input, 0, 0, {}])];
    layers.push({ name, class_name, config: { name, ...config }, inbound_nodes });
  };
  const weight = (node: Node, variable: string, shape: number[], data: Float32Array): void => {
    weights.push({ name: `${node.outputs[0]!}/${variable}`, shape, data });
  };
  const vector = (node: Node, input: number, f = (v: number): number => v): number[] =>
    [...toFloat64(constant(node.inputs[input]!).data)].map(f);

  for (const name of graph.inputs) {
    const [, ...row] = graph.types.get(name)!.shape;
    const shape = row.length === 3 ? [row[1], row[2], row[0]] : row;
    const config = { name, batch_input_shape: [null, ...shape], dtype: 'float32' };
    layers.push({ name, class_name: 'InputLayer', config, inbound_nodes: [] });
  }
  for (const node of graph.nodes) {
    const { kernel_shape, strides, pads } = node.attrs as Readonly<Record<string, readonly number[]>>;
    const padding = pads?.some((amount) => amount > 0) === true ? 'same' : 'valid';
    switch (node.op) {
      case 'Conv': {
        const { shape, data } = constant(node.inputs[1]!);
        const [out, channels, h, w] = shape as [number, number, number, number];
        layer(node, 'Conv2D', { kernel_size: kernel_shape, strides, padding, filters: out });
        weight(node, 'kernel', [h, w, channels, out], permute(toFloat64(data), shape, [2, 3, 1, 0]));
        weight(node, 'bias', [out], Float32Array.from(vector(node, 2)));
        break;
      }
      case 'Gemm': {
        const { shape, data } = constant(node.inputs[1]!);
        const [units, width] = shape as [number, number];
        const [c, h, w] = flattened.get(node.inputs[0]!) ?? [width, 1, 1];
        layer(node, 'Dense', { units });
        const kernel = permute(toFloat64(data), [units, c!, h!, w!], [2, 3, 1, 0]);
        weight(node, 'kernel', [width, units], kernel);
        weight(node, 'bias', [units], Float32Array.from(vector(node, 2)));
        break;
      }
      case 'Relu':
        layer(node, 'Activation', { activation: 'relu' });
        break;
      case 'MaxPool':
        layer(node, 'MaxPooling2D', { pool_size: kernel_shape, strides, padding });
        break;
      case 'AveragePool':
        layer(node, 'AveragePooling2D', { pool_size: kernel_shape, strides, padding });
        break;
      case 'Concat':
        layer(node, 'Concatenate', { axis: -1 }, [...node.inputs]);
        break;
      case 'Reshape':
        flattened.set(node.outputs[0]!, graph.types.get(node.inputs[0]!)!.shape.slice(1));
        layer(node, 'Flatten', {});
        break;
      case 'Sub':
        layer(node, 'Rescaling', { scale: 1, offset: vector(node, 1, (v) => -v) });
        break;
      case 'Div':
        layer(node, 'Rescaling', { scale: vector(node, 1, (v) => 1 / v), offset: 0 });
        break;
      default:
        throw new Error(`no layer for ${node.op}`);
    }
  }
  const ends = (names: readonly string[]): unknown => names.map((name) => [name, 0, 0]);
  const config = { name: 'written', layers, input_layers: ends(graph.inputs), output_layers: ends(graph.outputs) };
  return writeFiles(folder, { class_name: 'Functional', config }, weights);
}

function writeFiles(
  folder: string,
  model_config: object,
  weights: readonly { name: string; shape: number[]; data: Float32Array }[],
): string {
  mkdirSync(folder, { recursive: true });
  const bytes = Buffer.concat(weights.map(({ data }) => Buffer.from(data.buffer, 0, data.byteLength)));
  const cut = Math.floor(bytes.length / 2) | 1;
  const paths = ['group1-shard1of2.bin', 'group1-shard2of2.bin'];
  writeFileSync(join(folder, paths[0]!), bytes.subarray(0, cut));
  writeFileSync(join(folder, paths[1]!), bytes.subarray(cut));
  const specs = weights.map(({ name, shape }) => ({ name, shape, dtype: 'float32' }));
  const path = join(folder, 'model.json');
  const json = {
    format: 'layers-model',
    modelTopology: { keras_version: '2.15.0', model_config },
    weightsManifest: [{ paths, weights: specs }],
  };
  writeFileSync(path, JSON.stringify(json));
  return path;
}
