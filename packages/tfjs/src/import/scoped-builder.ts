import type { AddOptions, Attrs } from '@pathwise/graph';
import { OpBuilder, ops } from '@pathwise/ops';
import { limitError, type TfjsLimits } from '../limits.ts';

/** A builder within limits whose nodes and tensors are named after the layer that they are part of: `conv2d/Conv_0`. */
export class ScopedBuilder extends OpBuilder {
  /** In front of new names; '' for none. */
  scope: string = '';
  readonly #mostNodes: number;
  #nodes = 0;

  /** @param weightBytes - what is folded may be some times as large */
  constructor(limits: TfjsLimits, weightBytes: number) {
    super(ops);
    this.maxElements = limits.tensorElements;
    this.foldBudget = limits.foldedElements + 4 * weightBytes;
    this.#mostNodes = limits.nodes;
  }

  override apply(
    op: string,
    inputs: readonly (string | null)[],
    attrs: Attrs = {},
    options: AddOptions = {},
  ): string[] {
    if (++this.#nodes > this.#mostNodes) {
      throw limitError('nodes', `more than ${this.#mostNodes} nodes, at "${this.scope}"`, this.#mostNodes);
    }
    return super.apply(op, inputs, attrs, options);
  }

  override freshName(base: string): string {
    // Constants are shared between layers.
    return super.freshName(this.scope === '' || base === 'const' ? base : `${this.scope}/${base}`);
  }
}
