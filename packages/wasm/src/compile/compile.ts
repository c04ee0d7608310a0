import { isFloat, PathwiseError, sameShape, type Blocker, type DType } from '@pathwise/model';
import type { Graph, Node } from '@pathwise/graph';
import { lowerGraph } from '@pathwise/ops';
import { joinBands } from './bands.ts';
import { Emitter, unsupported } from './emitter.ts';
import { planMemory, removeDeadSteps } from './memory-plan.ts';
import { LANES, writePlan } from './plan-file.ts';
import { rules } from './rules/all.ts';
import { elementwiseRules } from './rules/elementwise.ts';
import { movementRules } from './rules/movement.ts';
import { pixelOrder } from './rules/volume.ts';
import type { Buffer, View } from './view.ts';

/** Element types that float32 stands in for; integers beyond 2^24 are refused where they are met. */
const KEPT: readonly DType[] = ['float32', 'int32', 'int64', 'bool'];

/** Levels of quantized numbers: float32 holds them all, but their arithmetic, which wraps around, has no kernels. */
const LEVELS: readonly DType[] = ['int8', 'uint8', 'int16', 'uint16'];

/** Ops that take and give levels as they are. */
const PASSING = new Set(['Cast', 'Gather', 'Identity', 'MaxPool', ...Object.keys(movementRules)]);

/** Ops whose kernels take an input with the channels of a pixel side by side. */
const WITH_PIXELS = new Set(['AveragePool', 'Conv', 'ConvTranspose', 'MaxPool']);

/** Ops that keep the order in memory. */
const ELEMENTWISE = new Set([...Object.keys(elementwiseRules), 'BatchNormalization']);

/** Axes of an input or output in a plan file. */
const MOST_AXES = 8;

export interface CompiledPlan {
  /** The plan file. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Memory that the core takes for a tile, beside the plan. */
  readonly arenaBytes: number;
}

export interface CompileOptions {
  /**
   * Products keep six output channels in registers instead of four: faster on the relaxed core, slower on the other one.
   * Both run such plans.
   */
  readonly wideBlocks?: boolean;
  /** Whether blocks of products around a depthwise convolution run over bands of rows (bands.ts), as they do unless forbidden. */
  readonly bands?: boolean;
}

/** What the compiler cannot make steps of, node by node; empty if all can. Nothing is packed or kept. */
export function findBlockers(graph: Graph): Blocker[] {
  const lowered = lower(graph);
  const e = new Emitter(lowered, { dry: true });
  const blockers: Blocker[] = [];
  for (const name of [...lowered.inputs, ...lowered.outputs]) {
    const reason = portProblem(lowered, name);
    if (reason !== null) blockers.push({ node: name, op: '', reason });
  }
  defineInputs(e);
  for (const node of lowered.nodes) {
    try {
      emitNode(e, node);
    } catch (error) {
      if (!(error instanceof PathwiseError) || error.code !== 'UNSUPPORTED_OP') throw error;
      blockers.push({ node: node.name, op: node.op, reason: error.message });
      // What follows is looked at as if the node had been done.
      for (const output of node.outputs) if (output !== '') e.define(output, e.allocate(e.type(output).shape));
    }
  }
  return blockers;
}

/**
 * Compiles a graph to a plan file whose inputs and outputs are those of the graph, in their order.
 * @throws PathwiseError UNSUPPORTED_OP naming a node that has no kernel.
 */
export function compile(graph: Graph, options: CompileOptions = {}): CompiledPlan {
  const lowered = lower(graph);
  const e = new Emitter(lowered, { dry: false, wideBlocks: options.wideBlocks ?? false });
  const inputs = defineInputs(e);
  for (const node of lowered.nodes) {
    try {
      emitNode(e, node);
    } catch (error) {
      if (!(error instanceof PathwiseError) || error.place.node !== undefined) throw error;
      const place = { ...error.place, node: node.name, op: node.op };
      throw new PathwiseError(error.code, `node "${node.name}" (${node.op}): ${error.message}`, place, {
        cause: error,
      });
    }
  }
  const outputs = lowered.outputs.map((name) => e.view(name));
  const buffers = (views: readonly View[]): Buffer[] => views.flatMap(({ buffer }) => buffer ?? []);
  const needed = removeDeadSteps(e.steps, buffers(outputs));
  const steps = options.bands === false ? needed : joinBands(needed, [...buffers(inputs), ...buffers(outputs)]);
  const memory = planMemory(steps, buffers(inputs), buffers(outputs));
  const bytes = writePlan({ steps, memory, constants: e.constants, inputs, outputs });
  return { bytes, arenaBytes: 4 * LANES * memory.size };
}

/** Ops without a rule become simpler ones where they can. */
function lower(graph: Graph): Graph {
  return lowerGraph(graph, (node) => !rules.has(node.op));
}

function defineInputs(e: Emitter): View[] {
  const pixels = readByPixels(e.graph);
  return e.graph.inputs.map((name) => {
    const { shape } = e.type(name);
    const view = e.allocate(shape, pixels.has(name) ? pixelOrder(shape.length) : undefined);
    e.define(name, view);
    return view;
  });
}

/**
 * What convolutions and pooling read, be it through element-wise ops: inputs among them are spread into lanes in the order
 * that they want.
 */
function readByPixels({ nodes, types }: Graph): Set<string> {
  const pixels = new Set<string>();
  for (const { op, inputs, outputs } of [...nodes].reverse()) {
    if (WITH_PIXELS.has(op)) pixels.add(inputs[0]);
    if (!ELEMENTWISE.has(op) || !pixels.has(outputs[0])) continue;
    const shape = types.get(outputs[0])?.shape ?? [];
    for (const name of inputs) if (name !== '' && sameShape(types.get(name)?.shape ?? [], shape)) pixels.add(name);
  }
  return pixels;
}

function emitNode(e: Emitter, node: Node): void {
  const rule = rules.get(node.op);
  if (rule === undefined) throw unsupported('this op has no kernel in the WebAssembly core');
  for (const name of [...node.inputs, ...node.outputs]) {
    if (name === '') continue;
    const { dtype } = e.type(name);
    const shapes = e.graph.constants.has(name) && !isFloat(dtype);
    const passed = PASSING.has(node.op) && LEVELS.includes(dtype);
    if (!KEPT.includes(dtype) && !shapes && !passed)
      throw unsupported(`element type ${dtype} of "${name}" has no kernels`);
  }
  for (const name of node.outputs) {
    if (name !== '' && e.type(name).shape.includes(0)) throw unsupported(`"${name}" has no elements`);
  }
  const views = rule(e, node);
  for (const [i, output] of node.outputs.entries()) if (output !== '') e.define(output, views[i]);
}

function portProblem(graph: Graph, name: string): string | null {
  const type = graph.types.get(name);
  if (type === undefined) return 'no such tensor';
  if (!KEPT.includes(type.dtype) && !LEVELS.includes(type.dtype)) return `element type ${type.dtype} has no kernels`;
  if (type.shape.length > MOST_AXES) return `it has ${type.shape.length} axes; plans take ${MOST_AXES}`;
  return type.shape.includes(0) ? 'it has no elements' : null;
}
