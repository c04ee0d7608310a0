import { toFloat64, type Tensor } from '@pathwise/model';
import type { Graph, Node } from '@pathwise/graph';
import { permute, writeModel, type WrittenWeight } from './as-layers-model.ts';

/**
 * Writes the networks of `models/` as graph models of the converter with the same weights: channels last, pairs of
 * convolution and bias, a Reshape before what is dense. For tests only.
 */
export function writeGraphModel(graph: Graph, folder: string): string {
  const nodes: object[] = [];
  const weights: WrittenWeight[] = [];
  /** Shapes [c, h, w] of what was flattened, by the name of the flat tensor. */
  const flattened = new Map<string, readonly number[]>();
  const constant = (name: string): Tensor => graph.constants.get(name)!;
  const numbers = (node: Node, input: number): number[] => [...toFloat64(constant(node.inputs[input]!).data)];
  const emit = (name: string, op: string, input: readonly string[], attr: object = {}): string => {
    nodes.push({ name, op, input, attr });
    return name;
  };
  const weight = (
    name: string,
    shape: number[],
    data: ArrayLike<number>,
    dtype: 'float32' | 'int32' = 'float32',
  ): string => {
    weights.push({ name, shape, dtype, data: dtype === 'float32' ? Float32Array.from(data) : Int32Array.from(data) });
    return emit(name, 'Const', [], { dtype: { type: dtype === 'float32' ? 'DT_FLOAT' : 'DT_INT32' } });
  };
  const list = (...values: readonly number[]): object => ({ list: { i: values.map(String) } });
  const inputs: Record<string, object> = {};
  for (const name of graph.inputs) {
    const [, ...row] = graph.types.get(name)!.shape;
    const sizes = [-1, ...(row.length === 3 ? [row[1], row[2], row[0]] : row)];
    const tensorShape = { dim: sizes.map((size) => ({ size: String(size) })) };
    emit(name, 'Placeholder', [], { dtype: { type: 'DT_FLOAT' }, shape: { shape: tensorShape } });
    inputs[name] = { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape };
  }
  for (const node of graph.nodes) {
    const { kernel_shape, strides = [1, 1], pads } = node.attrs as Readonly<Record<string, readonly number[]>>;
    const [x] = node.inputs as [string];
    const [name] = node.outputs as [string];
    const same = pads?.some((amount) => amount > 0) === true;
    const windows = {
      strides: list(1, ...strides, 1),
      dilations: list(1, 1, 1, 1),
      padding: { s: btoa(same ? 'SAME' : 'VALID') },
      data_format: { s: btoa('NHWC') },
    };
    switch (node.op) {
      case 'Conv': {
        const { shape, data } = constant(node.inputs[1]!);
        const [out, channels, h, w] = shape as [number, number, number, number];
        const kernel = weight(`${name}/kernel`, [h, w, channels, out], permute(toFloat64(data), shape, [2, 3, 1, 0]));
        const product = emit(`${name}/product`, 'Conv2D', [x, kernel], windows);
        emit(name, 'BiasAdd', [product, weight(`${name}/bias`, [out], numbers(node, 2))]);
        break;
      }
      case 'Gemm': {
        const { shape, data } = constant(node.inputs[1]!);
        const [units, width] = shape as [number, number];
        const [c, h, w] = flattened.get(x) ?? [width, 1, 1];
        const kernel = weight(
          `${name}/kernel`,
          [width, units],
          permute(toFloat64(data), [units, c!, h!, w!], [2, 3, 1, 0]),
        );
        const bias = weight(`${name}/bias`, [units], numbers(node, 2));
        emit(name, '_FusedMatMul', [x, kernel, bias], { fused_ops: { list: { s: [btoa('BiasAdd')] } } });
        break;
      }
      case 'Relu':
        emit(name, 'Relu', [x]);
        break;
      case 'MaxPool':
        emit(name, 'MaxPool', [x], { ...windows, ksize: list(1, ...kernel_shape!, 1) });
        break;
      case 'AveragePool':
        emit(name, 'AvgPool', [x], { ...windows, ksize: list(1, ...kernel_shape!, 1) });
        break;
      case 'Concat':
        emit(name, 'ConcatV2', [...node.inputs, weight(`${name}/axis`, [], [3], 'int32')]);
        break;
      case 'Reshape':
        flattened.set(name, graph.types.get(x)!.shape.slice(1));
        emit(name, 'Reshape', [x, weight(`${name}/shape`, [2], [-1, graph.types.get(name)!.shape[1]!], 'int32')]);
        break;
      case 'Sub':
      case 'Div': {
        const values = numbers(node, 1);
        emit(name, node.op === 'Sub' ? 'Sub' : 'RealDiv', [x, weight(`${name}/constant`, [values.length], values)]);
        break;
      }
      default:
        throw new Error(`no op for ${node.op}`);
    }
  }
  const outputs = Object.fromEntries(graph.outputs.map((name) => [name, { name: `${name}:0` }]));
  return writeModel(
    folder,
    { format: 'graph-model', signature: { inputs, outputs }, modelTopology: { node: nodes } },
    weights,
  );
}
