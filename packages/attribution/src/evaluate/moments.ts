/**
 * Running mean and spread of vectors, element by element, by Welford's update: no sum of squares that could cancel.
 *
 * @source Welford 1962, Note on a method for calculating corrected sums of squares and products
 */
export class Moments {
  readonly mean: Float64Array;
  readonly #squares: Float64Array;
  #count = 0;

  constructor(size: number) {
    this.mean = new Float64Array(size);
    this.#squares = new Float64Array(size);
  }

  add(vector: ArrayLike<number>): void {
    this.#count++;
    for (let i = 0; i < this.mean.length; i++) {
      const deviation = vector[i] - this.mean[i];
      this.mean[i] += deviation / this.#count;
      this.#squares[i] += deviation * (vector[i] - this.mean[i]);
    }
  }

  /** Mean of the squared deviations from the mean (divided by the count). */
  variance(): Float64Array {
    return this.#squares.map((square) => square / this.#count);
  }

  /** Standard errors of the mean of independent vectors; null for fewer than two. */
  standardErrors(): Float64Array | null {
    const count = this.#count;
    return count < 2 ? null : this.#squares.map((square) => Math.sqrt(square / (count - 1) / count));
  }
}
