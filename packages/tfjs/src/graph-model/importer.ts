import { PathwiseError, type Blocker, type Shape, type Warning } from '@pathwise/model';
import { removeDeadNodes } from '@pathwise/graph';
import { renameTensors } from '../import/rename-tensors.ts';
import { ScopedBuilder } from '../import/scoped-builder.ts';
import { LayoutBuilder, type LayoutValue } from '../layout/layout-builder.ts';
import { limitError, type TfjsLimits } from '../limits.ts';
import type { Imported } from '../source/imported-source.ts';
import { Call } from './call.ts';
import type { GraphDefinition, GraphOutput } from './definition.ts';
import { fuseDilations } from './dilations.ts';
import { evaluationOrder, type NodeDef, type NodeOutput } from './node-def.ts';
import { rules } from './rules/all.ts';

/** What a node may be blamed for; other errors are about the file as a whole. */
const BLOCKING: ReadonlySet<string> = new Set(['UNSUPPORTED_OP', 'BAD_SHAPE', 'BAD_ARGUMENT']);

/**
 * Builds the graph of a graph model for inputs of the shapes given.
 * @param isCollecting - go on behind nodes that cannot be imported, to name them all
 * @throws PathwiseError UNSUPPORTED_OP, BAD_SHAPE, BAD_FILE naming the node
 */
export function importGraph(
  definition: GraphDefinition,
  shapes: ReadonlyMap<string, Shape>,
  limits: TfjsLimits,
  { isCollecting = false }: { readonly isCollecting?: boolean } = {},
): Imported {
  return new Importer(definition, limits, isCollecting).run(shapes);
}

class Importer {
  readonly #b: ScopedBuilder;
  readonly #l: LayoutBuilder;
  readonly #definition: GraphDefinition;
  readonly #limits: TfjsLimits;
  readonly #isCollecting: boolean;
  readonly #warnings = new Map<string, Warning>();
  readonly #blockers: Blocker[] = [];
  /** Outputs of the nodes imported so far; null: the node is blocked. */
  readonly #values = new Map<string, readonly LayoutValue[] | null>();
  /** Names of inputs and outputs: no other tensor may have them. */
  readonly #keys: ReadonlySet<string>;
  readonly #renames = new Map<string, string>();

  constructor(definition: GraphDefinition, limits: TfjsLimits, isCollecting: boolean) {
    this.#definition = { ...definition, nodes: fuseDilations(definition) };
    this.#limits = limits;
    this.#isCollecting = isCollecting;
    this.#keys = new Set([...definition.inputs, ...definition.outputs].map(({ name }) => name));
    this.#b = new ScopedBuilder(limits, definition.weights.bytes);
    this.#l = new LayoutBuilder(this.#b);
    this.#b.reserve(definition.nodes.keys());
    this.#b.reserve(this.#keys);
  }

  run(shapes: ReadonlyMap<string, Shape>): Imported {
    const { nodes, outputs, inputs, label } = this.#definition;
    for (const { name, node, dtype } of inputs) {
      const value = this.#l.input(name, shapes.get(name) as Shape, dtype);
      this.#values.set(node, [node === name ? value : this.#alias(value, this.#nameFor(node))]);
    }
    const order = evaluationOrder(
      nodes,
      outputs.map(({ from }) => from.node),
    );
    if (order.length > this.#limits.nodes) {
      throw limitError('nodes', `${label}: ${order.length} nodes`, this.#limits.nodes);
    }
    for (const node of order) if (!this.#values.has(node.name)) this.#values.set(node.name, this.#import(node));
    const names = outputs.flatMap((output) => this.#output(output));
    const warnings = [...this.#warnings.values()];
    if (this.#blockers.length > 0) {
      return { graph: this.#b.build([]), warnings, blockers: this.#blockers, channelsFirst: new Set() };
    }
    const graph = removeDeadNodes(this.#b.build(names, label));
    const renamed = renameTensors(graph, this.#renames);
    const channelsFirst = new Set([...this.#l.channelsFirstTensors].map(renamed.nameOf));
    return { graph: renamed.graph, warnings, blockers: [], channelsFirst };
  }

  #import(node: NodeDef): readonly LayoutValue[] | null {
    try {
      const inputs = node.inputs.map((input) => this.#value(input, node.name));
      if (inputs.includes(null)) {
        if (isKnown(node.op)) return null;
        throw unknownOp(node.op);
      }
      return this.#apply(node, inputs as LayoutValue[]);
    } catch (error) {
      const located = locate(error, node);
      if (!this.#isCollecting || !BLOCKING.has(located.code)) throw located;
      const reason = located.message.replace(/^node ".*?" \([^)]*\): /, '');
      this.#blockers.push({ node: node.name, op: node.op, reason });
      return null;
    }
  }

  #apply(node: NodeDef, inputs: readonly LayoutValue[]): readonly LayoutValue[] {
    const name = this.#nameFor(node.name);
    if (node.op === 'Const') return [this.#l.constant(this.#definition.weights.tensor(node.name), name)];
    if (node.op === 'Placeholder') {
      throw new PathwiseError('BAD_FILE', 'this placeholder is read but is no input of the signature');
    }
    const rule = rules.get(node.op);
    if (rule === undefined) throw unknownOp(node.op);
    this.#b.scope = name;
    const warn = (code: string, message: string): void => void this.#warnings.set(message, { code, message });
    const made = rule(new Call({ l: this.#l, op: node.op, name, inputs, attrs: node.attrs, warn }));
    const [first, ...others] = 'ref' in made ? [made] : made;
    if (first === undefined) return [];
    // A rule that passes a value on gives it a second name.
    return [this.#b.has(name) ? first : this.#alias(first, name), ...others];
  }

  #value({ node, index }: NodeOutput, reader: string): LayoutValue | null {
    const values = this.#values.get(node);
    if (values === null) return null;
    const value = values?.[index];
    if (value !== undefined) return value;
    throw new PathwiseError(
      'UNSUPPORTED_OP',
      `output ${index} of node "${node}", which "${reader}" reads, is not supported`,
      { node: reader },
    );
  }

  #alias(value: LayoutValue, name: string): LayoutValue {
    const constant = this.#l.constantOf(value);
    if (constant !== undefined) return this.#l.constant(constant, name);
    return this.#l.emit('Identity', [value.ref], {}, value.layout, name);
  }

  /** The tensor of an output, as written, under its key. */
  #output({ name, from }: GraphOutput): string[] {
    const value = this.#value(from, 'the signature');
    this.#b.scope = '';
    if (value === null) return [];
    if (value.layout === 'as-written' && value.ref === name) return [name];
    const target = this.#b.has(name) ? this.#free(name) : name;
    const written = this.#l.asWritten(value, target);
    return [written === target ? written : this.#alias(this.#l.value(written), target).ref];
  }

  /** A name that stands for one which the node itself took for its tensor: the two change places in the end. */
  #free(name: string): string {
    const other = this.#b.freshName(name);
    this.#renames.set(name, `${name}/channels_first`);
    this.#renames.set(other, name);
    return other;
  }

  /** A node keeps its name unless it is that of an input or output which is another node's. */
  #nameFor(node: string): string {
    const { inputs, outputs } = this.#definition;
    if (!this.#keys.has(node)) return node;
    const isInput = inputs.some(({ name }) => name === node);
    this.#b.scope = '';
    const isOther = outputs.some(({ name, from }) => name === node && (from.node !== node || from.index !== 0));
    return isInput || isOther ? this.#b.freshName(node) : node;
  }
}

function isKnown(op: string): boolean {
  return op === 'Const' || op === 'Placeholder' || rules.has(op);
}

function unknownOp(op: string): PathwiseError {
  const flow = /^(Stateless)?(If|While)$|^TensorList|^TensorArray|^(Switch|Merge|Enter|Exit|NextIteration|LoopCond)$/;
  const why = flow.test(op) ? '. Control flow is not read: export the model with its loops unrolled' : '';
  return new PathwiseError('UNSUPPORTED_OP', `this op is not supported${why}`);
}

/** Puts the node of the file into an error. */
function locate(error: unknown, { name, op }: NodeDef): PathwiseError {
  if (!(error instanceof PathwiseError)) throw error;
  const inner = error.message.replace(/^node ".*?" \(([^)]*)\): /s, (whole, inside: string) =>
    inside === op ? '' : whole,
  );
  const place = { ...error.place, node: name, op };
  return new PathwiseError(error.code, `node "${name}" (${op}): ${inner}`, place, { cause: error });
}
