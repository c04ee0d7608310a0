import { fromNumbers, PathwiseError, sizeOf, tensor, type DType, type Shape, type Tensor } from '@pathwise/model';
import { completeAttrs } from './attributes.ts';
import { foldNode } from './fold.ts';
import type { Attrs, Graph, Node, TensorType } from './graph.ts';
import type { OpDef, OperandInfo, OpSet } from './op.ts';
import type { AddOptions, GraphWriter } from './writer.ts';

/**
 * Builds a graph node by node: infers shapes, completes attributes, names tensors, and evaluates at once what depends
 * on constants only. Tensors are referred to by their names.
 */
export class GraphBuilder implements GraphWriter {
  readonly ops: OpSet;
  /** Largest tensor, in elements. */
  maxElements: number = 2 ** 31;
  /** How many elements may still be computed and kept as constants; nodes above it stay nodes. */
  foldBudget: number = Infinity;
  readonly #inputs: string[] = [];
  readonly #nodes: Node[] = [];
  readonly #constants = new Map<string, Tensor>();
  readonly #types = new Map<string, TensorType>();
  readonly #nodeNames = new Set<string>();
  readonly #counters = new Map<string, number>();
  readonly #scalars = new Map<string, string>();
  readonly #reserved = new Set<string>();

  constructor(ops: OpSet) {
    this.ops = ops;
  }

  /** Declares an input of static shape (batch axis 1). */
  input(name: string, shape: Shape, dtype: DType = 'float32'): string {
    this.#declare(name, { dtype, shape });
    this.#inputs.push(name);
    return name;
  }

  /** Adds a constant; returns its name. */
  constant(value: Tensor, name?: string): string {
    const key = name ?? this.freshName('const');
    this.#declare(key, { dtype: value.dtype, shape: value.shape });
    this.#constants.set(key, value);
    return key;
  }

  /** A scalar constant; equal ones share a tensor. */
  scalar(value: number, dtype: DType = 'float32'): string {
    const key = `${dtype}:${Object.is(value, -0) ? '-0' : value}`;
    let name = this.#scalars.get(key);
    if (name === undefined) {
      const data = dtype === 'float32' ? Float64Array.of(value) : fromNumbers(dtype, [value]);
      name = this.constant({ dtype, shape: [], data });
      this.#scalars.set(key, name);
    }
    return name;
  }

  /** An int64 vector constant (axes, shapes, pads); equal ones share a tensor. */
  ints(values: readonly number[]): string {
    const key = `ints:${values.join(',')}`;
    let name = this.#scalars.get(key);
    if (name === undefined) {
      name = this.constant(tensor('int64', [values.length], fromNumbers('int64', values)));
      this.#scalars.set(key, name);
    }
    return name;
  }

  /**
   * Applies an op. Returns the names of its outputs.
   * @throws PathwiseError UNSUPPORTED_OP, BAD_SHAPE, … naming the node.
   */
  apply(opName: string, inputs: readonly (string | null)[], attrs: Attrs = {}, options: AddOptions = {}): string[] {
    const name =
      options.name !== undefined && !this.#nodeNames.has(options.name)
        ? options.name
        : this.freshName(options.name ?? opName);
    const op = this.ops.get(opName);
    if (op === undefined) {
      throw new PathwiseError('UNSUPPORTED_OP', `node "${name}" (${opName}): this op is not supported`, {
        node: name,
        op: opName,
      });
    }
    const outputs =
      options.outputs === undefined ? [this.has(name) ? this.freshName(name) : name] : [...options.outputs];
    const refs = inputs.map((input) => input ?? '');
    const complete = completeAttrs(op, attrs, name);
    checkArity(op, refs, outputs, name);
    const operands = refs.map((ref) => (ref === '' ? null : this.#operand(ref, name, op)));
    const types = within(name, op, () => op.infer(operands, complete, outputs.length));
    for (const type of types) this.#checkSize(type.shape, name, opName);
    const elements = types.reduce((sum, type) => sum + sizeOf(type.shape), 0);
    const folded = elements > this.foldBudget ? null : within(name, op, () => foldNode(op, operands, complete, types));
    if (folded !== null) {
      this.foldBudget -= elements;
      return outputs.map((output, i) => (output === '' ? '' : this.constant(folded[i] as Tensor, output)));
    }
    this.#nodeNames.add(name);
    this.#nodes.push({ name, op: opName, inputs: refs, outputs, attrs: complete });
    for (const [i, output] of outputs.entries()) if (output !== '') this.#declare(output, types[i] as TensorType);
    return outputs;
  }

  /** Applies an op with one output; returns its name. */
  emit(opName: string, inputs: readonly (string | null)[], attrs: Attrs = {}, name?: string): string {
    return this.apply(opName, inputs, attrs, name === undefined ? {} : { name, outputs: [name] })[0] as string;
  }

  /** Adds all of another graph: its inputs, constants and nodes, under their names. */
  include(graph: Graph, keepInputs = true): void {
    for (const name of graph.inputs)
      if (keepInputs)
        this.input(name, (graph.types.get(name) as TensorType).shape, (graph.types.get(name) as TensorType).dtype);
    for (const [name, value] of graph.constants) this.constant(value, name);
    for (const node of graph.nodes) this.append(node, graph);
  }

  /** Appends a node of `graph` as it is: no shape inference, no folding. */
  append(node: Node, graph: Graph): void {
    this.#nodeNames.add(node.name);
    this.#nodes.push(node);
    for (const output of node.outputs) if (output !== '') this.#declare(output, graph.types.get(output) as TensorType);
  }

  has(name: string): boolean {
    return this.#types.has(name);
  }

  /** Type of a tensor made so far. */
  type(ref: string): TensorType {
    const type = this.#types.get(ref);
    if (type === undefined)
      throw new PathwiseError('BAD_ARGUMENT', `builder: there is no tensor "${ref}"`, { tensor: ref });
    return type;
  }

  shape(ref: string): Shape {
    return this.type(ref).shape;
  }

  /** The value of a constant tensor, or undefined. */
  constantOf(ref: string): Tensor | undefined {
    return this.#constants.get(ref);
  }

  /** Keeps names for tensors and nodes that will be added under them: no fresh name will be one of these. */
  reserve(names: Iterable<string>): void {
    for (const name of names) this.#reserved.add(name);
  }

  /** A name that no tensor or node has yet, made from `base`. */
  freshName(base: string): string {
    let count = this.#counters.get(base) ?? 0;
    let name: string;
    do name = `${base}_${count++}`;
    while (this.#types.has(name) || this.#nodeNames.has(name) || this.#reserved.has(name));
    this.#counters.set(base, count);
    return name;
  }

  /** The finished graph. */
  build(outputs: readonly string[], name = 'graph'): Graph {
    for (const output of outputs) this.type(output);
    return {
      name,
      inputs: [...this.#inputs],
      outputs: [...outputs],
      nodes: [...this.#nodes],
      constants: new Map(this.#constants),
      types: new Map(this.#types),
    };
  }

  #declare(name: string, type: TensorType): void {
    if (name === '' || this.#types.has(name)) {
      throw new PathwiseError('BAD_FILE', `tensor name "${name}" is ${name === '' ? 'empty' : 'defined twice'}`, {
        tensor: name,
      });
    }
    this.#types.set(name, type);
  }

  /** No op may make a tensor of impossible sizes, whatever its rule for shapes says. */
  #checkSize(shape: Shape, node: string, op: string): void {
    if (!shape.every((d) => Number.isSafeInteger(d) && d >= 0)) {
      throw new PathwiseError('BAD_SHAPE', `node "${node}" (${op}): its output would have shape [${shape.join(',')}]`, {
        node,
        op,
      });
    }
    if (shape.reduce((size, d) => size * Math.max(d, 1), 1) > this.maxElements) {
      throw new PathwiseError(
        'LIMIT_EXCEEDED',
        `node "${node}" (${op}): its output would have shape [${shape.join(',')}], more than ${this.maxElements} elements`,
        { node, op },
      );
    }
  }

  #operand(ref: string, node: string, op: OpDef): OperandInfo {
    const type = this.#types.get(ref);
    if (type === undefined) {
      throw new PathwiseError('BAD_FILE', `node "${node}" (${op.name}): input "${ref}" is not defined before it`, {
        node,
        op: op.name,
        tensor: ref,
      });
    }
    const value = this.#constants.get(ref);
    return value === undefined ? type : { ...type, value };
  }
}

function checkArity(op: OpDef, inputs: readonly string[], outputs: readonly string[], node: string): void {
  const most = op.variadic === true ? Infinity : op.inputs.length;
  const least = op.required ?? op.inputs.length;
  const present = inputs.slice(0, least).every((input) => input !== '') && inputs.length >= least;
  if (inputs.length > most || !present || outputs.length > (op.maxOutputs ?? 1)) {
    throw new PathwiseError(
      'BAD_FILE',
      `node "${node}" (${op.name}): expected ${least}${most === least ? '' : ` to ${most}`} inputs and at most ${op.maxOutputs ?? 1} outputs, got ${inputs.length} and ${outputs.length}`,
      { node, op: op.name },
    );
  }
}

/** Adds the node to errors of an op's rules. */
function within<T>(node: string, op: OpDef, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof PathwiseError) || error.place.node !== undefined) throw error;
    throw new PathwiseError(
      error.code,
      `node "${node}" (${op.name}): ${error.message}`,
      { ...error.place, node, op: op.name },
      { cause: error },
    );
  }
}
