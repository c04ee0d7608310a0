import type { OpBuilder } from '../builder.ts';
import { negativePart, positivePart } from './emit.ts';
import type { Twin } from './twin.ts';

/** Two values of one tensor: for what raised it and for what lowered it. */
export interface Pair {
  readonly plus: string;
  readonly minus: string;
}

/** The parts P and N of the difference of each tensor from its value at the baseline; P + N is the difference. */
export class ChangeParts {
  readonly b: OpBuilder;
  readonly twin: Twin;
  readonly #parts = new Map<string, Pair>();
  readonly #differences = new Map<string, string>();

  constructor(b: OpBuilder, twin: Twin) {
    this.b = b;
    this.twin = twin;
  }

  difference(tensor: string): string {
    let known = this.#differences.get(tensor);
    if (known === undefined) {
      known = this.b.sub(tensor, this.twin.at(tensor));
      this.#differences.set(tensor, known);
    }
    return known;
  }

  /** Of a tensor that no node has split: its positive and its negative differences. */
  of(tensor: string): Pair {
    let known = this.#parts.get(tensor);
    if (known === undefined) {
      const d = this.difference(tensor);
      known = { plus: positivePart(this.b, d), minus: negativePart(this.b, d) };
      this.#parts.set(tensor, known);
    }
    return known;
  }

  set(tensor: string, parts: Pair): void {
    this.#parts.set(tensor, parts);
  }

  /** Of a pair the one that the sign of `reference` names, their mean where it is 0. */
  select(reference: string, { plus, minus }: Pair): string {
    const { b } = this;
    if (plus === minus) return plus;
    const still = b.mul(b.add(plus, minus), 0.5);
    return b.where(b.greater(reference, 0), plus, b.where(b.less(reference, 0), minus, still));
  }
}

/** The same for both. */
export function both(value: string): Pair {
  return { plus: value, minus: value };
}
