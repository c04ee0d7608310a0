import type { PathPoint } from '@pathwise/model';
import { LANES } from '../compile/plan-file.ts';
import { scattered } from './in-order.ts';

/** Points that are evaluated together, by their indices, and which blocks of their paths they are. */
export interface BlockTile {
  readonly indices: number[];
  readonly blocks: { readonly path: number; readonly order: number }[];
}

/** Whole blocks of eight points of a path; short last blocks share tiles, after all others. */
export function blockTiles(points: readonly PathPoint[]): BlockTile[] {
  const whole: BlockTile[] = [];
  const shared: BlockTile[] = [];
  const seen = new Set<number>();
  for (let first = 0, end = 0; first < points.length; first = end) {
    const { path } = points[first];
    if (seen.has(path)) throw scattered(path);
    seen.add(path);
    while (end < points.length && points[end].path === path) end++;
    for (let start = first, order = 0; start < end; start += LANES, order++) {
      const indices = Array.from({ length: Math.min(LANES, end - start) }, (_, i) => start + i);
      const open = shared.at(-1);
      if (indices.length === LANES) whole.push({ indices, blocks: [{ path, order }] });
      else if (open !== undefined && open.indices.length + indices.length <= LANES) {
        open.indices.push(...indices);
        open.blocks.push({ path, order });
      } else shared.push({ indices, blocks: [{ path, order }] });
    }
  }
  return [...whole, ...shared];
}

/** Tiles of points in order, of which nothing is summed. */
export function plainTiles(points: readonly PathPoint[]): BlockTile[] {
  return Array.from({ length: Math.ceil(points.length / LANES) }, (_, tile) => ({
    indices: Array.from({ length: Math.min(LANES, points.length - tile * LANES) }, (_, i) => tile * LANES + i),
    blocks: [],
  }));
}

/** Adds up things that come in any order, in their own order. */
export class Ordered<T> {
  readonly #waiting = new Map<number, T>();
  readonly #take: (item: T) => void;
  #next = 0;

  constructor(take: (item: T) => void) {
    this.#take = take;
  }

  put(order: number, item: T): void {
    this.#waiting.set(order, item);
    for (let ready = this.#waiting.get(this.#next); ready !== undefined; ready = this.#waiting.get(this.#next)) {
      this.#waiting.delete(this.#next++);
      this.#take(ready);
    }
  }
}
