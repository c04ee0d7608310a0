import {
  isFloat,
  PathwiseError,
  sizeOf,
  type Blocker,
  type InputInfo,
  type Shape,
  type Support,
  type Tensor,
  type TensorInfo,
  type Warning,
} from '@pathwise/model';
import { methods } from '@pathwise/attribution';
import { differentiate, subgraph, type Graph } from '@pathwise/graph';
import { lowerGraph, ops, optimize } from '@pathwise/ops';
import type { Explainer } from '../explainer.ts';
import { ENGINE_NAMES, engineOf } from '../model/engines.ts';
import { warningsOf } from '../model/model-file.ts';
import { flopOf } from './flop.ts';

/** What of an op's nodes the tools know. */
export interface OpUse {
  readonly op: string;
  readonly count: number;
  /** `rule`: gradients pass; `zero`: it has none on purpose; `missing`: gradients cannot pass. */
  readonly gradient: 'rule' | 'zero' | 'missing';
  readonly relevance: string | null;
  /** Methods that propagate by rules and have none for a node of the op, with ids as in `methods`. */
  readonly withoutRule: readonly string[];
}

/** Cost of one evaluation of one row. */
export interface Cost {
  readonly flop: number;
  /** At the peak, all activations kept; what the engine in use takes. */
  readonly bytes: number;
}

/** All that can be said of a model without an input. */
export interface Inspection {
  readonly name: string;
  readonly fileBytes: number | null;
  readonly opset: number | null;
  readonly inputs: readonly InputInfo[];
  readonly outputs: readonly TensorInfo[];
  /** Sizes that were taken for symbolic axes. */
  readonly assumedShapes: Readonly<Record<string, Shape>>;
  readonly parameters: number;
  readonly nodes: number;
  readonly ops: readonly OpUse[];
  readonly tensors: readonly TensorInfo[];
  readonly forward: Cost;
  /** Of one path point: forward and backward; null when the gradient cannot be formed. */
  readonly gradient: Cost | null;
  readonly engines: Readonly<Record<string, Support>>;
  readonly methods: Readonly<Record<string, Support>>;
  /** What the reader of the file has to say. */
  readonly warnings: readonly Warning[];
}

/** Sizes tried for axes whose size the file leaves open; some models need longer ones. */
const ASSUMED_SIZES = [8, 32, 128];

/**
 * Looks at a model.
 * @throws PathwiseError UNSUPPORTED_OP when the graph cannot be built
 */
export function inspectModel(explain: Explainer): { readonly inspection: Inspection; readonly graph: Graph } {
  const { model, file } = explain;
  const { graph, shapes } = exampleGraph(explain);
  const derived = deriveGradient(graph, explain);
  const bytes = model.bytesPerRow(zerosOf(explain.inputs, shapes));
  const supports = Object.fromEntries(methods.map(({ id }) => [id, explain.supports(id)]));
  const inspection: Inspection = {
    name: file.name,
    fileBytes: file.bytes,
    opset: 'opset' in file.source && typeof file.source.opset === 'number' ? file.source.opset : null,
    inputs: explain.inputs,
    outputs: explain.outputs,
    assumedShapes: Object.fromEntries(
      explain.inputs
        .filter(({ shape }) => shape.slice(1).some((d) => typeof d === 'string'))
        .map(({ name }) => [name, shapes[name] ?? []]),
    ),
    parameters: [...graph.constants.values()].reduce((sum, t) => sum + (isFloat(t.dtype) ? sizeOf(t.shape) : 0), 0),
    nodes: graph.nodes.length,
    ops: opUses(graph, supports),
    tensors: graph.nodes.flatMap((node) =>
      node.outputs
        .filter((name) => name !== '')
        .map((name) => ({ name, ...(graph.types.get(name) as { dtype: TensorInfo['dtype']; shape: Shape }) })),
    ),
    forward: { flop: flopOf(lowerGraph(graph)), bytes: bytes / 2 },
    gradient: derived === null ? null : { flop: flopOf(derived), bytes },
    engines: Object.fromEntries(
      ENGINE_NAMES.filter((name) => name !== 'auto').map((name) => [name, engineSupport(name, graph)]),
    ),
    methods: supports,
    warnings: warningsOf(file.source),
  };
  return { inspection, graph };
}

/** The graph for the first of the assumed sizes that the model can take. */
function exampleGraph({ file: { source }, inputs }: Explainer): {
  readonly graph: Graph;
  readonly shapes: Record<string, Shape>;
} {
  for (const [k, size] of ASSUMED_SIZES.entries()) {
    const shapes = assumedShapes(inputs, size);
    try {
      return { shapes, graph: 'nodes' in source ? source : source.graph(shapes) };
    } catch (error) {
      if (k === ASSUMED_SIZES.length - 1) throw error;
    }
  }
  throw new RangeError('no sizes to try');
}

function assumedShapes(inputs: readonly InputInfo[], assumed: number): Record<string, Shape> {
  const size = (d: number | string, axis: number, batched: boolean): number =>
    axis === 0 && batched ? 1 : typeof d === 'number' ? d : assumed;
  return Object.fromEntries(
    inputs.map(({ name, shape, batched }) => [name, shape.map((d, axis) => size(d, axis, batched))]),
  );
}

function zerosOf(inputs: readonly InputInfo[], shapes: Readonly<Record<string, Shape>>): Record<string, Tensor> {
  return Object.fromEntries(
    inputs.map(({ name, dtype }) => [
      name,
      { dtype, shape: shapes[name] ?? [], data: new Float32Array(sizeOf(shapes[name] ?? [])) },
    ]),
  );
}

function opUses(graph: Graph, supports: Readonly<Record<string, Support>>): OpUse[] {
  const refusing = methods.flatMap(({ id, propagation }) =>
    propagation === undefined ? [] : [[id, opsInTheWay(supports[id])] as const],
  );
  const counts = new Map<string, number>();
  for (const { op } of graph.nodes) counts.set(op, (counts.get(op) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([op, count]) => {
      const def = ops.get(op);
      const hasRule = def?.vjp !== undefined || def?.lower !== undefined;
      const isZero = def !== undefined && def.inputs.every((kind) => kind !== 'differentiable');
      const gradient = isZero ? 'zero' : hasRule ? 'rule' : 'missing';
      const withoutRule = refusing.flatMap(([id, names]) => (names.has(op) ? [id] : []));
      return { op, count, gradient, relevance: def?.relevance ?? null, withoutRule };
    });
}

function opsInTheWay(support: Support | undefined): ReadonlySet<string> {
  return new Set(support === undefined || support.ok ? [] : support.missing.map(({ op }) => op));
}

/** The graph of the gradient of the first output by the attributed tensors; null when it cannot be formed. */
function deriveGradient(graph: Graph, explain: Explainer): Graph | null {
  const target = explain.outputs[0]?.name;
  const wrt = explain.inputs.flatMap(({ attributedAt }) => (attributedAt === null ? [] : [attributedAt]));
  if (target === undefined || wrt.length === 0) return null;
  try {
    const forward = lowerGraph(optimize(graph, [target, ...wrt]));
    const derived = differentiate(forward, { targets: [target], wrt, ops });
    const results = [...derived.gradients.values()].filter((name) => name !== null && name !== undefined);
    const wanted = [target, ...results];
    return optimize(subgraph(derived.graph, [...forward.inputs, ...derived.seeds.values()], wanted), wanted);
  } catch (error) {
    if (error instanceof PathwiseError) return null;
    throw error;
  }
}

function engineSupport(name: (typeof ENGINE_NAMES)[number], graph: Graph): Support {
  try {
    return engineOf(name).supports(graph);
  } catch (error) {
    if (!(error instanceof PathwiseError)) throw error;
    const reason =
      name === 'tfjs' ? 'runs models that TensorFlow.js has loaded, not files' : 'not part of this version';
    const blocker: Blocker = { node: '', op: '', reason };
    return { ok: false, missing: [blocker] };
  }
}
