import { LANES } from '../compile/plan-file.ts';

/** Which path lies in which slot of a job. */
export class Slots {
  /** The path used longest ago comes first. */
  readonly #slots = new Map<number, number>();

  /** Slots for at most eight paths; those that are not yet there take the slots of paths used longest ago. */
  place(paths: Iterable<number>): { slotOf: ReadonlyMap<number, number>; fresh: readonly number[] } {
    const slotOf = new Map<number, number>();
    const fresh: number[] = [];
    for (const path of new Set(paths)) {
      const known = this.#slots.get(path);
      if (known === undefined) fresh.push(path);
      else this.#keep(path, known, slotOf);
    }
    for (const path of fresh) this.#keep(path, this.#free(), slotOf);
    return { slotOf, fresh };
  }

  #keep(path: number, slot: number, slotOf: Map<number, number>): void {
    this.#slots.delete(path);
    this.#slots.set(path, slot);
    slotOf.set(path, slot);
  }

  #free(): number {
    const taken = new Set(this.#slots.values());
    for (let slot = 0; slot < LANES; slot++) if (!taken.has(slot)) return slot;
    const [[path, slot]] = this.#slots as unknown as [[number, number]];
    this.#slots.delete(path);
    return slot;
  }
}
