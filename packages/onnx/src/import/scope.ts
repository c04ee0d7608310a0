import type { AttributeProto, TensorProto } from '../wire/messages.ts';

/**
 * What a name of the file stands for: a tensor of the graph, or a sequence of tensors. `UNKNOWN` only occurs while
 * blockers are collected: the value of a node that could not be imported.
 */
export type Bound = string | readonly string[] | typeof UNKNOWN;
export const UNKNOWN: unique symbol = Symbol('unknown');

export interface ScopeOptions {
  /** Put before the names of nodes and tensors. */
  readonly prefix: string;
  /** Operator-set versions by domain. */
  readonly opsets: ReadonlyMap<string, number>;
  readonly parent?: Scope;
  readonly initializers?: readonly TensorProto[];
  /** In the body of a function: the attributes of the call. */
  readonly callAttributes?: ReadonlyMap<string, AttributeProto>;
  /** In the body of a function: where it is called. */
  readonly caller?: Scope;
  /** In the body of a function: the functions that are being inlined, outermost first. */
  readonly calls?: readonly string[];
  /** Names in the graph of tensors that must not be made from the prefix. */
  readonly renames?: ReadonlyMap<string, string>;
}

/** The names of one graph, sub-graph iteration or function call. */
export class Scope {
  readonly prefix: string;
  readonly opsets: ReadonlyMap<string, number>;
  readonly parent: Scope | undefined;
  readonly callAttributes: ReadonlyMap<string, AttributeProto> | undefined;
  readonly caller: Scope | undefined;
  readonly calls: readonly string[];
  readonly renames: ReadonlyMap<string, string>;
  readonly initializers: ReadonlyMap<string, TensorProto>;
  readonly #bound = new Map<string, Bound>();

  constructor(options: ScopeOptions) {
    this.prefix = options.prefix;
    this.opsets = options.opsets;
    this.parent = options.parent;
    this.callAttributes = options.callAttributes ?? options.parent?.callAttributes;
    this.caller = options.caller ?? options.parent?.caller;
    this.calls = options.calls ?? options.parent?.calls ?? [];
    this.renames = options.renames ?? new Map();
    this.initializers = new Map((options.initializers ?? []).map((tensor) => [tensor.name ?? '', tensor]));
  }

  bind(name: string, value: Bound): void {
    this.#bound.set(name, value);
  }

  /** The value of a name here or outside, and the scope that has it; initializers are bound when first asked for. */
  find(name: string): { scope: Scope; value: Bound | undefined } | undefined {
    const value = this.#bound.get(name);
    if (value !== undefined || this.initializers.has(name)) return { scope: this, value };
    return this.parent?.find(name);
  }
}
