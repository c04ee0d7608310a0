import { OpBuilder, ops } from '@pathwise/ops';

/** A builder whose nodes and tensors are named after the layer that they are part of: `conv2d/Conv_0`. */
export class ScopedBuilder extends OpBuilder {
  /** In front of new names; '' for none. */
  scope: string = '';

  constructor() {
    super(ops);
  }

  override freshName(base: string): string {
    // Constants are shared between layers.
    return super.freshName(this.scope === '' || base === 'const' ? base : `${this.scope}/${base}`);
  }
}
