import { isExternal, locationOf } from '../tensor/external-data.ts';
import type { GraphProto, TensorProto } from '../wire/messages.ts';
import { inFile, loadModel, type LoadModelOptions } from './onnx-model.ts';

/**
 * The files beside a model that hold its weights, as paths relative to it, for hosts that must fetch them before
 * `readOnnx` asks for their bytes. Sorted; usually empty.
 * @throws PathwiseError BAD_FILE also for a path that leaves the model's folder
 */
export function externalLocations(
  bytes: Uint8Array,
  options: Pick<LoadModelOptions, 'label' | 'limits'> = {},
): string[] {
  const { graph, functions, label } = loadModel(bytes, options);
  return inFile(label, () => {
    const found = new Set<string>();
    const visit = (tensor: TensorProto): void => {
      if (isExternal(tensor)) found.add(locationOf(tensor));
    };
    visitTensors(graph, visit);
    for (const { nodes } of functions.values()) visitNodes(nodes, visit);
    return [...found].sort();
  });
}

function visitTensors(graph: GraphProto, visit: (tensor: TensorProto) => void): void {
  for (const tensor of graph.initializers) visit(tensor);
  visitNodes(graph.nodes, visit);
}

function visitNodes(nodes: GraphProto['nodes'], visit: (tensor: TensorProto) => void): void {
  for (const { attributes } of nodes) {
    for (const { tensor, graph } of attributes) {
      if (tensor !== undefined) visit(tensor);
      if (graph !== undefined) visitTensors(graph, visit);
    }
  }
}
