import type { Shape, TensorInfo } from '@pathwise/model';
import type { Graph } from './graph.ts';

/** An input of a model file; symbolic sizes are strings. */
export interface SourceInput extends TensorInfo {
  /** The first axis counts independent examples. */
  readonly batched: boolean;
  /** The last axis holds channels or features; otherwise the first of a row does. */
  readonly channelsLast?: boolean;
}

/** A model file: its graph depends on the sizes of its inputs. Importers produce it; `graphModel` consumes it. */
export interface GraphSource {
  readonly name: string;
  readonly inputs: readonly SourceInput[];
  readonly outputs: readonly TensorInfo[];
  /**
   * The static graph for inputs of these shapes; batched inputs have a first size of 1. Inputs that are absent have
   * the file's own shape.
   * @throws PathwiseError BAD_SHAPE where a shape contradicts the file; UNSUPPORTED_OP naming the node.
   */
  graph(shapes: Readonly<Record<string, Shape>>): Graph;
}

/** A hand-built graph as a source: an input is batched when its first size is 1. */
export function sourceOf(graph: Graph): GraphSource {
  const info = (name: string): TensorInfo => {
    const { dtype, shape } = graph.types.get(name) ?? { dtype: 'float32', shape: [] };
    return { name, dtype, shape: shape[0] === 1 ? ['batch', ...shape.slice(1)] : shape };
  };
  return {
    name: graph.name,
    inputs: graph.inputs.map((name) => ({ ...info(name), batched: graph.types.get(name)?.shape[0] === 1 })),
    outputs: graph.outputs.map(info),
    graph: () => graph,
  };
}

/** Sizes to try for symbols, to look at a model before any input is known. */
export const EXAMPLE_SIZES: readonly number[] = [8, 32, 128];

/** Input shapes of one row in which every symbolic size is `size`. */
export function exampleShapes({ inputs }: Pick<GraphSource, 'inputs'>, size: number): Record<string, Shape> {
  return Object.fromEntries(
    inputs.map(({ name, shape, batched }) => [
      name,
      shape.map((d, axis) => (axis === 0 && batched ? 1 : typeof d === 'number' ? d : size)),
    ]),
  );
}
