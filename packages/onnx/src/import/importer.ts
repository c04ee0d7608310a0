import { PathwiseError, type Blocker, type Tensor } from '@pathwise/model';
import type { Attrs, AttrValue, Graph } from '@pathwise/graph';
import { ops, type OpBuilder } from '@pathwise/ops';
import { limitError } from '../limits.ts';
import { functionKey, type OnnxModel } from '../model/onnx-model.ts';
import { nodeLabel, nodeNameOf } from '../model/check-names.ts';
import { isKnown, normalizeNode } from '../normalize/all.ts';
import { dtypeOf } from '../tensor/element-type.ts';
import { readTensor } from '../tensor/read-tensor.ts';
import type { NodeProto } from '../wire/messages.ts';
import { readAttributes } from './attributes.ts';
import { callFunction } from './call-function.ts';
import type { ImportContext } from './context.ts';
import type { Call } from './call.ts';
import { liveNodes } from './live.ts';
import { UNKNOWN, type Bound, type Scope } from './scope.ts';
import { structuralRules } from './structural.ts';

/** Gives a node that could not be imported outputs to go on with, while blockers are collected. */
export type Substitute = (node: NodeProto, scope: Scope, importer: Importer) => readonly Bound[];

/** What a node may be blamed for; other errors are about the file as a whole. */
const BLOCKING: ReadonlySet<string> = new Set(['UNSUPPORTED_OP', 'BAD_SHAPE', 'BAD_ARGUMENT']);

/** Builds one static graph of a model. */
export class Importer implements ImportContext {
  readonly b: OpBuilder = ops.builder();
  readonly model: OnnxModel;
  /** Set while blockers are collected; errors are then kept here instead of thrown. */
  readonly blockers: Blocker[] = [];
  readonly #substitute: Substitute | undefined;
  #nodes = 0;

  constructor(model: OnnxModel, substitute?: Substitute) {
    this.model = model;
    this.#substitute = substitute;
    this.b.reserve(model.names);
    this.b.maxElements = model.limits.tensorElements;
    this.b.foldBudget = model.limits.foldedElements + 4 * model.file.length;
  }

  body(nodes: readonly NodeProto[], outputs: readonly string[], scope: Scope): Bound[] {
    const { live, used } = liveNodes(nodes, outputs);
    for (const node of live) this.#node(node, scope, used);
    return outputs.map((output) => this.resolve(output, scope));
  }

  /** What a name of the file is in the graph. */
  resolve(name: string, scope: Scope): Bound {
    if (name === '') return '';
    const found = scope.find(name);
    if (found === undefined) throw new PathwiseError('BAD_FILE', `tensor "${name}" is not defined`, { tensor: name });
    if (found.value !== undefined) return found.value;
    const proto = found.scope.initializers.get(name) as NonNullable<ReturnType<Scope['initializers']['get']>>;
    const ref = this.b.constant(this.#constant(proto), this.nameFor(name, found.scope));
    found.scope.bind(name, ref);
    return ref;
  }

  tensor(value: Bound | undefined, what: string): string {
    if (typeof value === 'string' && value !== '') return value;
    throw new PathwiseError(
      'BAD_FILE',
      `expected ${what} to be a tensor, got ${value === undefined || value === '' ? 'nothing' : 'a sequence'}`,
    );
  }

  constantOf(value: Bound | undefined): Tensor | undefined {
    return typeof value === 'string' ? this.b.constantOf(value) : undefined;
  }

  nameFor(name: string, scope: Scope): string {
    const renamed = scope.renames.get(name);
    if (renamed !== undefined) return renamed;
    if (scope.prefix === '') return name;
    const path = scope.prefix + name;
    return this.b.has(path) || this.model.names.has(path) ? this.b.freshName(path) : path;
  }

  alias(value: string, name: string, node: string): string {
    if (value === name || name === '') return value;
    const constant = this.b.constantOf(value);
    if (constant !== undefined) return this.b.constant(constant, name);
    return this.b.apply('Identity', [value], {}, { name: node, outputs: [name] })[0] as string;
  }

  count(): void {
    if (++this.#nodes > this.model.limits.nodes) {
      throw limitError(
        'nodes',
        `${this.model.label}: more than ${this.model.limits.nodes} nodes after inlining`,
        this.model.limits.nodes,
      );
    }
  }

  build(outputs: readonly Bound[]): Graph {
    const { graph, label } = this.model;
    if (this.#substitute !== undefined) return this.b.build([]);
    return this.b.build(
      outputs.map((output) => this.tensor(output, 'an output of the model')),
      graph.name ?? label,
    );
  }

  #node(proto: NodeProto, scope: Scope, used: ReadonlySet<string>): void {
    this.count();
    let results: readonly Bound[];
    try {
      results = this.#apply(proto, scope, used);
    } catch (error) {
      const located = locate(error, proto, scope);
      if (this.#substitute === undefined || !BLOCKING.has(located.code)) throw located;
      this.blockers.push({
        node: located.place.node ?? '',
        op: located.place.op ?? '',
        reason: located.message.replace(/^node ".*?" \([^)]*\): /, ''),
      });
      results = this.#substitute(proto, scope, this);
    }
    for (const [i, output] of proto.outputs.entries()) if (output !== '') scope.bind(output, results[i] ?? UNKNOWN);
  }

  #apply(proto: NodeProto, scope: Scope, used: ReadonlySet<string>): readonly Bound[] {
    const op = proto.op ?? '';
    const domain = proto.domain === 'ai.onnx' ? '' : (proto.domain ?? '');
    const inputs = proto.inputs.map((input) => this.resolve(input, scope));
    const fn = this.model.functions.get(functionKey(domain, op, proto.overload ?? ''));
    const rule = domain === '' ? structuralRules[op] : undefined;
    if (inputs.includes(UNKNOWN)) {
      if (fn === undefined && rule === undefined && !isKnown(op, domain, (name) => ops.get(name) !== undefined)) {
        throw new PathwiseError('UNSUPPORTED_OP', 'this op is not supported');
      }
      return proto.outputs.map(() => UNKNOWN);
    }
    if (fn !== undefined) return callFunction(this, proto, fn, inputs, scope);
    const version = this.#versionOf(domain, scope);
    const { attrs, graphs } = readAttributes(proto, scope, this.model.context);
    const outputs = proto.outputs.map((output) => (output === '' ? '' : this.nameFor(output, scope)));
    const call: Call = { name: scope.prefix + nodeNameOf(proto), op, version, inputs, outputs, attrs, graphs, scope };
    if (rule !== undefined) return rule(call, this);
    const [graphName] = Object.keys(graphs);
    if (graphName !== undefined)
      throw new PathwiseError('UNSUPPORTED_OP', `attribute ${graphName} (a graph) is not supported`);
    const refs = inputs.map((input, i) => (input === '' ? '' : this.tensor(input, `input ${i}`)));
    const isUsed = (i: number): boolean => used.has(proto.outputs[i] ?? '') && proto.outputs[i] !== '';
    const node = normalizeNode({ ...call, inputs: refs }, domain, { b: this.b, isUsed });
    if (!('op' in node)) return node;
    const named = this.b.apply(node.op, trimmed(node.inputs), typedAttrs(node.op, node.attrs), {
      name: node.name,
      outputs: trimmed(node.outputs),
    });
    return outputs.map((_, i) => named[i] ?? UNKNOWN);
  }

  #versionOf(domain: string, scope: Scope): number {
    const version = scope.opsets.get(domain);
    if (version !== undefined) return version;
    if (domain === '') throw new PathwiseError('BAD_FILE', 'the file does not say which operator set it uses');
    return 1;
  }

  #constant(proto: Parameters<typeof readTensor>[0]): Tensor {
    const known = this.model.tensors.get(proto);
    if (known !== undefined) return known;
    const tensor = readTensor(proto, this.model.context);
    this.model.tensors.set(proto, tensor);
    return tensor;
  }
}

/** Absent trailing names say nothing. */
function trimmed(names: readonly string[]): readonly string[] {
  let length = names.length;
  while (length > 0 && names[length - 1] === '') length--;
  return names.slice(0, length);
}

/** Element types are numbers in files and names in graphs. */
function typedAttrs(op: string, attrs: Attrs): Attrs {
  const specs = ops.get(op)?.attrs ?? {};
  const typed = (name: string, value: AttrValue | undefined): AttrValue | undefined =>
    specs[name]?.type === 'string' && typeof value === 'number' ? dtypeOf(value) : value;
  return Object.fromEntries(Object.entries(attrs).map(([name, value]) => [name, typed(name, value)]));
}

/** Adds the node to an error that does not name one. */
function locate(error: unknown, proto: NodeProto, scope: Scope): PathwiseError {
  if (!(error instanceof PathwiseError)) {
    throw error;
  }
  if (error.place.node !== undefined) return error;
  const node = scope.prefix + nodeNameOf(proto);
  const label = scope.prefix === '' ? nodeLabel(proto) : `node "${node}" (${proto.op ?? ''})`;
  return new PathwiseError(
    error.code,
    `${label}: ${error.message}`,
    { ...error.place, node, op: proto.op ?? '' },
    { cause: error },
  );
}
