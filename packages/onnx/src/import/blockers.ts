import { PathwiseError, type Blocker, type Shape } from '@pathwise/model';
import { EXAMPLE_SIZES, exampleShapes } from '@pathwise/graph';
import { declare } from '../model/signature.ts';
import type { OnnxSource } from '../onnx-source.ts';
import type { GraphProto } from '../wire/messages.ts';
import type { Substitute } from './importer.ts';
import { UNKNOWN } from './scope.ts';

/**
 * After a node that cannot be imported, go on with the types that the file declares for its outputs; what it declares
 * nothing for is unknown, and the ops behind it are only looked up.
 */
export function declaredSubstitute(graph: GraphProto, symbols: ReadonlyMap<string, number>): Substitute {
  const infos = new Map([...graph.valueInfos, ...graph.outputs].map((info) => [info.name ?? '', info]));
  return (node, scope, { b }) =>
    node.outputs.map((output) => {
      const info = scope.prefix === '' ? infos.get(output) : undefined;
      if (info === undefined || output === '') return UNKNOWN;
      if (b.has(output)) return output;
      try {
        const { shape, dtype } = declare(info, 'tensor');
        const sizes = shape?.map((d) => (typeof d === 'number' ? d : symbols.get(d)));
        return sizes?.every((d) => d !== undefined) ? b.input(output, sizes, dtype) : UNKNOWN;
      } catch (error) {
        if (error instanceof PathwiseError) return UNKNOWN;
        throw error;
      }
    });
}

/**
 * Every node of a model file that cannot be imported, with the reason. What lies behind such a node is judged as far
 * as the file declares the types of its tensors.
 *
 * @param shapes - input shapes to judge by; symbolic sizes that are absent are tried as 8, 32 and 128
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED for what no other node can be blamed for
 */
export function unsupported(source: OnnxSource, shapes: Readonly<Record<string, Shape>> = {}): readonly Blocker[] {
  let fewest: readonly Blocker[] | undefined;
  for (const size of EXAMPLE_SIZES) {
    const blockers = source.blockers({ ...exampleShapes(source, size), ...shapes });
    if (fewest === undefined || blockers.length < fewest.length) fewest = blockers;
    if (fewest.length === 0) break;
  }
  return fewest ?? [];
}
