import {
  PathwiseError,
  toFloat64,
  type BreakpointRequest,
  type Feeds,
  type Outputs,
  type Tensor,
} from '@pathwise/model';
import { ancestors, descendants, pathKind, typeOf, type Graph, type Node, type Value } from '@pathwise/graph';
import { ops } from '../op-set.ts';

/** Values of a node's inputs at one place on the path. */
type Snapshot = (Value | null)[];

/** Breakpoints closer than this are one. */
const RESOLUTION = 1e-12;

/** Path points evaluated together. */
const TILE = 64;

/**
 * All places in (0, 1) where a straight path of one row crosses a kink, ascending. Works through the kinked nodes in
 * topological order: between the breakpoints found so far the inputs of the next node are affine in alpha, so its own
 * crossings follow by linear interpolation.
 * @source ExactLine, Sotoudeh and Thakur 2019, arXiv:1908.06214
 * @throws PathwiseError UNSUPPORTED_METHOD if the graph is not piecewise linear along the path; LIMIT_EXCEEDED above the limit.
 */
export async function breakpoints(
  graph: Graph,
  request: BreakpointRequest,
  forward: (feeds: Feeds, wanted: readonly string[]) => Promise<Outputs>,
): Promise<Float64Array> {
  const moving = Object.keys(request.from);
  const { blockers } = pathKind(graph, moving, request.target, ops);
  const [blocker] = blockers;
  if (blocker !== undefined) {
    throw new PathwiseError(
      'UNSUPPORTED_METHOD',
      `exact mode needs a piecewise-linear model: node "${blocker.node}" (${blocker.op}) is not. Ask for a tolerance instead`,
      { node: blocker.node, op: blocker.op },
    );
  }
  const reached = descendants(graph, moving);
  const needed = ancestors(graph, [request.target]);
  const kinked = graph.nodes.filter(
    (node) =>
      ops.get(node.op)?.crossings !== undefined &&
      node.inputs.some((input) => reached.has(input)) &&
      node.outputs.some((output) => needed.has(output)),
  );
  let places = [0, 1];
  for (const node of kinked) {
    const snapshots = await inputsAt(graph, node, places, request, reached, forward);
    const found: number[] = [];
    for (let k = 0; k + 1 < places.length; k++) {
      const width = places[k + 1] - places[k];
      for (const t of ops.get(node.op)!.crossings!(snapshots[k], snapshots[k + 1], node.attrs))
        found.push(places[k] + t * width);
    }
    places = merge(places, found);
    if (places.length - 2 > request.limit) {
      throw new PathwiseError(
        'LIMIT_EXCEEDED',
        `exact mode: more than ${request.limit} breakpoints on the path (at node "${node.name}"). Ask for a tolerance instead`,
        { node: node.name, op: node.op },
      );
    }
  }
  return Float64Array.from(places.slice(1, -1));
}

async function inputsAt(
  graph: Graph,
  node: Node,
  places: readonly number[],
  { from, to, constants }: BreakpointRequest,
  reached: ReadonlySet<string>,
  forward: (feeds: Feeds, wanted: readonly string[]) => Promise<Outputs>,
): Promise<Snapshot[]> {
  const wanted = [...new Set(node.inputs.filter((input) => reached.has(input)))];
  const fixed = new Map<string, Value>();
  for (const name of node.inputs)
    if (name !== '' && !reached.has(name)) fixed.set(name, await fixedValue(graph, name, constants, forward));
  const snapshots: Snapshot[] = [];
  for (let start = 0; start < places.length; start += TILE) {
    const tile = places.slice(start, start + TILE);
    const feeds = { ...constants, ...interpolate(from, to, tile) };
    const inner = wanted.filter((name) => feeds[name] === undefined);
    const values = inner.length === 0 ? {} : await forward(feeds, inner);
    for (let k = 0; k < tile.length; k++) {
      const at = (name: string): Value | null =>
        name === ''
          ? null
          : (fixed.get(name) ?? rowValue(graph, name, (values[name] ?? feeds[name]) as Tensor, k, tile.length));
      snapshots.push(node.inputs.map(at));
    }
  }
  return snapshots;
}

async function fixedValue(
  graph: Graph,
  name: string,
  constants: Feeds,
  forward: (feeds: Feeds, wanted: readonly string[]) => Promise<Outputs>,
): Promise<Value> {
  const known = graph.constants.get(name) ?? constants[name] ?? (await forward(constants, [name]))[name];
  return { ...typeOf(graph, name), data: toFloat64((known as Tensor).data) };
}

/** Rows (1 - alpha) * from + alpha * to for each alpha. */
function interpolate(from: Feeds, to: Feeds, alphas: readonly number[]): Record<string, Tensor> {
  return Object.fromEntries(
    Object.entries(from).map(([name, start]) => {
      const a = toFloat64(start.data);
      const b = toFloat64((to[name] as Tensor).data);
      const data = new Float64Array(alphas.length * a.length);
      for (const [k, alpha] of alphas.entries()) {
        for (let i = 0; i < a.length; i++) data[k * a.length + i] = (1 - alpha) * a[i] + alpha * b[i];
      }
      return [name, { dtype: start.dtype, shape: [alphas.length, ...start.shape.slice(1)], data }];
    }),
  );
}

function rowValue(graph: Graph, name: string, stacked: Tensor, row: number, rows: number): Value {
  const data = toFloat64(stacked.data);
  const size = data.length / rows;
  return { ...typeOf(graph, name), data: data.subarray(row * size, (row + 1) * size) };
}

function merge(places: readonly number[], found: readonly number[]): number[] {
  const sorted = [...places, ...found].sort((a, b) => a - b);
  const merged = sorted.filter((place, i) => i === 0 || place - (sorted[i - 1] as number) > RESOLUTION || place === 1);
  return merged.filter((place, i) => place === 0 || place === 1 || 1 - place > RESOLUTION || i === merged.length - 1);
}
