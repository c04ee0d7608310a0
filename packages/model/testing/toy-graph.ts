import { parseAlgebra, type Expression, type Operation } from './algebra.ts';
import type { Blocker, PathKind } from '../src/capabilities.ts';

/** An elementary step: an element of a leaf tensor, a constant, or an operation on earlier steps of the list. */
export type Step =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'leaf'; readonly tensor: string; readonly index: number }
  | { readonly kind: 'operation'; readonly op: Operation; readonly a: number; readonly b: number };

/** The steps that compute all elements of the tensors asked for when the tensors of `fed` are given. */
export interface Tape {
  readonly steps: readonly Step[];
  /** Step that holds each element of each wanted tensor. */
  readonly at: ReadonlyMap<string, readonly number[]>;
}

/** Tensors of a toy model in the order they are computed, each a list of element expressions; inputs have none. */
export class ToyGraph {
  readonly sizes: ReadonlyMap<string, number>;
  readonly #expressions: ReadonlyMap<string, readonly Expression[]>;
  readonly #tapes = new Map<string, Tape>();

  constructor(inputs: Readonly<Record<string, number>>, tensors: Readonly<Record<string, readonly string[]>>) {
    this.#expressions = new Map(Object.entries(tensors).map(([name, rows]) => [name, rows.map(parseAlgebra)]));
    const inner = Object.entries(tensors).map(([name, rows]) => [name, rows.length] as const);
    this.sizes = new Map([...Object.entries(inputs), ...inner]);
  }

  get names(): readonly string[] {
    return [...this.sizes.keys()];
  }

  /** Tensors that `name` reads directly. */
  reads(name: string): readonly string[] {
    const found = new Set<string>();
    const walk = (e: Expression): void => {
      if (e.kind === 'variable') found.add(e.tensor);
      if (e.kind === 'operation') e.args.forEach(walk);
    };
    this.#expressions.get(name)?.forEach(walk);
    return [...found];
  }

  /** Names from which `name` can be computed without passing through `cut`; contains `name` itself. */
  ancestors(name: string, cut: ReadonlySet<string> = new Set()): Set<string> {
    const found = new Set<string>();
    const walk = (n: string): void => {
      if (found.has(n)) return;
      found.add(n);
      if (!cut.has(n)) this.reads(n).forEach(walk);
    };
    walk(name);
    return found;
  }

  tape(fed: readonly string[], wanted: readonly string[]): Tape {
    const key = `${fed.join()}|${wanted.join()}`;
    const known = this.#tapes.get(key);
    if (known !== undefined) return known;
    const steps: Step[] = [];
    const at = new Map<string, number[]>();
    const given = new Set(fed);
    const push = (step: Step): number => steps.push(step) - 1;
    const elements = (name: string): readonly number[] => {
      const done = at.get(name);
      if (done !== undefined) return done;
      const rows = given.has(name) ? undefined : this.#expressions.get(name);
      const places =
        rows === undefined
          ? Array.from({ length: this.sizes.get(name) ?? 0 }, (_, index) => push({ kind: 'leaf', tensor: name, index }))
          : rows.map(ownStep);
      at.set(name, places);
      return places;
    };
    const compile = (e: Expression): number => {
      if (e.kind === 'number') return push({ kind: 'number', value: e.value });
      if (e.kind === 'variable') return elements(e.tensor)[e.index] as number;
      const [a, b] = e.args.map(compile);
      return push({ kind: 'operation', op: e.op, a: a as number, b: b ?? (a as number) });
    };
    // An element that merely names another one gets a step of its own: their derivatives differ.
    const ownStep = (e: Expression): number => {
      const a = compile(e);
      if (e.kind !== 'variable') return a;
      return push({ kind: 'operation', op: 'add', a, b: push({ kind: 'number', value: 0 }) });
    };
    wanted.forEach(elements);
    const tape = { steps, at };
    this.#tapes.set(key, tape);
    return tape;
  }

  /** Kind of each step of the tape as a function of alpha when the leaves of `moving` move on straight lines. */
  kinds(tape: Tape, moving: readonly string[]): StepKind[] {
    const kinds: StepKind[] = [];
    for (const step of tape.steps) {
      if (step.kind === 'number') kinds.push('constant');
      else if (step.kind === 'leaf') kinds.push(moving.includes(step.tensor) ? 'affine' : 'constant');
      else kinds.push(combine(step.op, kinds[step.a] as StepKind, kinds[step.b] as StepKind, step.a === step.b));
    }
    return kinds;
  }
}

export type StepKind = 'constant' | PathKind;

const KINKED: ReadonlySet<Operation> = new Set(['relu', 'abs', 'max', 'min']);
const ADDITIVE: ReadonlySet<Operation> = new Set(['add', 'sub', 'neg']);

function combine(op: Operation, a: StepKind, b: StepKind, same: boolean): StepKind {
  if (a === 'constant' && b === 'constant') return 'constant';
  const joined = join(a, b);
  if (ADDITIVE.has(op)) return joined;
  if (op === 'mul' && !same && (a === 'constant' || b === 'constant')) return joined;
  if (op === 'div' && b === 'constant') return joined;
  if (KINKED.has(op)) return joined === 'affine' ? 'piecewise-linear' : join(joined, 'piecewise-linear');
  return join(joined, 'smooth');
}

function join(a: StepKind, b: StepKind): StepKind {
  if (a === 'constant' || a === b) return b;
  if (b === 'constant') return a;
  if (a === 'affine') return b;
  if (b === 'affine') return a;
  return 'mixed';
}

/** The operations that keep a tape from being piecewise linear. */
export function smoothSteps(tape: Tape, kinds: readonly StepKind[], tensor: string): Blocker[] {
  const found = new Set<string>();
  for (const [i, step] of tape.steps.entries()) {
    if (step.kind !== 'operation' || KINKED.has(step.op)) continue;
    const [own, a, b] = [kinds[i], kinds[step.a], kinds[step.b]];
    if ((own === 'smooth' || own === 'mixed') && a !== 'smooth' && a !== 'mixed' && b !== 'smooth' && b !== 'mixed')
      found.add(step.op);
  }
  return [...found].map((op) => ({ node: tensor, op, reason: 'not piecewise linear along the path' }));
}
