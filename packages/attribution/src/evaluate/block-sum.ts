import type { GradientVector } from '@pathwise/model';

const BLOCK = 8;

/**
 * Weighted sum of vectors in float64: nodes of a block of 8 in ascending order first, then the blocks in order. A tile
 * that ends inside a block leaves its partial sum here, so no tile size and no number of workers changes a bit.
 */
export class BlockSum {
  readonly #total: Float64Array;
  readonly #block: Float64Array;
  #inBlock = 0;

  constructor(size: number) {
    this.#total = new Float64Array(size);
    this.#block = new Float64Array(size);
  }

  add(weight: number, vector: GradientVector): void {
    for (let i = 0; i < vector.length; i++) this.#block[i] += weight * vector[i];
    if (++this.#inBlock === BLOCK) this.#flush();
  }

  /** The sum of what was added; more may follow only after a whole number of blocks. */
  total(): Float64Array {
    this.#flush();
    return this.#total;
  }

  #flush(): void {
    for (let i = 0; i < this.#block.length; i++) this.#total[i] += this.#block[i];
    this.#block.fill(0);
    this.#inBlock = 0;
  }
}
