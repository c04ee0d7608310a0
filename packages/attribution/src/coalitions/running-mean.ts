/**
 * Mean and spread of vectors that come one after another (Welford's updates, which do not cancel).
 *
 * @source Welford 1962, Note on a method for calculating corrected sums of squares and products
 */
export class RunningMean {
  readonly mean: Float64Array;
  readonly #squares: Float64Array;
  #count = 0;

  constructor(size: number) {
    this.mean = new Float64Array(size);
    this.#squares = new Float64Array(size);
  }

  add(sample: Float64Array): void {
    this.#count++;
    for (const [i, value] of sample.entries()) {
      const delta = value - this.mean[i];
      this.mean[i] += delta / this.#count;
      this.#squares[i] += delta * (value - this.mean[i]);
    }
  }

  /** Standard errors of the means; null with fewer than two samples. */
  standardErrors(): Float64Array | null {
    const count = this.#count;
    return count < 2 ? null : this.#squares.map((sum) => Math.sqrt(sum / (count - 1) / count));
  }
}
