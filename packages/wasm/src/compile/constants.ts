/** The constants of a plan: float32, the same for every row of a tile. */
export class ConstantPool {
  readonly #parts: { readonly at: number; readonly data: Float32Array }[] = [];
  readonly #known = new Map<string, number>();
  readonly #dry: boolean;
  count = 0;

  /** A dry pool counts, and keeps nothing. */
  constructor(dry = false) {
    this.#dry = dry;
  }

  /** Offset of `count` numbers; `fill` writes them into an array of zeros. With a key, equal ones are kept once. */
  add(count: number, fill: (data: Float32Array) => void, key?: string): number {
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return known;
    const at = this.count;
    if (key !== undefined) this.#known.set(key, at);
    this.count += count;
    if (this.#dry) return at;
    const data = new Float32Array(count);
    fill(data);
    this.#parts.push({ at, data });
    return at;
  }

  /** Copies all constants to `target`. */
  writeTo(target: Float32Array): void {
    for (const { at, data } of this.#parts) target.set(data, at);
  }
}
