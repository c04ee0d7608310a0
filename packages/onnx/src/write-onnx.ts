import { PathwiseError } from '@pathwise/model';
import { typeOf, type Graph, type Node } from '@pathwise/graph';
import { ops } from '@pathwise/ops';
import { elementTypeOf } from './tensor/element-type.ts';
import { encode, type Draft } from './wire/encode.ts';
import { modelType, type ValueInfoProto } from './wire/messages.ts';
import { nodeDraft } from './write/node.ts';
import { operatorSetFor } from './write/operator-set.ts';
import { tensorDraft } from './write/tensor.ts';

/** Protobuf messages end here. */
const MAX_BYTES = 2 ** 31 - 1;

/**
 * Writes a graph as an .onnx file: inputs, outputs, nodes and constants under their names, sizes as they are (one row).
 * The operator set is 21, or the first that has every op of the graph; no op of another domain is used: StopGradient is
 * written as Identity. Constants and
 * attributes are rounded to their types. What `readOnnx` makes of the file is the same graph but for that, without
 * nodes that no output needs.
 *
 * Gradient graphs are written like any other: their inputs named `cotangent.*` take the targets' cotangents.
 *
 * @throws PathwiseError UNSUPPORTED_OP for a node of an op that is not in the op set; LIMIT_EXCEEDED above 2 GB
 * @source ONNX 1.20, onnx.proto
 */
export function writeOnnx(graph: Graph): Uint8Array {
  for (const node of graph.nodes) if (ops.get(node.op) === undefined) throw unknownOp(node);
  const constants = [...graph.constants];
  const bytes = constants.reduce((sum, [, { data }]) => sum + data.byteLength, 0);
  if (bytes > MAX_BYTES) {
    throw new PathwiseError(
      'LIMIT_EXCEEDED',
      `graph "${graph.name}": its constants take ${bytes} bytes, more than the 2 GB that an .onnx file can hold`,
    );
  }
  const { opset, irVersion } = operatorSetFor(graph);
  const taken = new Set(graph.types.keys());
  const freshName = (base: string): string => {
    let name = base;
    for (let i = 1; taken.has(name); i++) name = `${base}_${i}`;
    taken.add(name);
    return name;
  };
  return encode(modelType, {
    irVersion,
    producer: 'pathwise',
    opsetImports: [{ domain: '', version: opset }],
    graph: {
      name: graph.name === '' ? 'graph' : graph.name,
      nodes: graph.nodes.map((node) => nodeDraft(graph, node, freshName)),
      initializers: constants.map(([name, value]) => tensorDraft(value, name)),
      inputs: graph.inputs.map((name) => valueDraft(graph, name)),
      outputs: graph.outputs.map((name) => valueDraft(graph, name)),
    },
  });
}

function valueDraft(graph: Graph, name: string): Draft<ValueInfoProto> {
  const { dtype, shape } = typeOf(graph, name);
  return {
    name,
    type: { tensor: { elementType: elementTypeOf(dtype), shape: { dims: shape.map((value) => ({ value })) } } },
  };
}

function unknownOp({ name, op }: Node): PathwiseError {
  return new PathwiseError('UNSUPPORTED_OP', `node "${name}" (${op}): this op cannot be written to an .onnx file`, {
    node: name,
    op,
  });
}
