import { isotonicPositions } from './isotonic.ts';
import { orderLayers } from './order.ts';

export interface Box {
  readonly width: number;
  readonly height: number;
}

export interface Line {
  readonly from: number;
  readonly to: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A layered drawing, from top to bottom. */
export interface Layout {
  /** Centre of each box. */
  readonly boxes: readonly Point[];
  /** Points of each line: the bottom of its first box, the layers it passes (in and out), the top of its last box. */
  readonly lines: readonly (readonly Point[])[];
  readonly width: number;
  readonly height: number;
}

const GAP_X = 24;
const GAP_Y = 34;
/** Room that a line takes where it passes a layer. */
const PASSAGE = 8;
const SWEEPS = 60;
/** Passing lines pull harder than boxes, so that long lines are straight. */
const PASSAGE_WEIGHT = 6;

/** A box or the passage of a line in one layer. */
interface Slot {
  readonly width: number;
  readonly height: number;
  readonly weight: number;
  readonly layer: number;
  x: number;
}

/**
 * Draws an acyclic graph in layers: longest paths give the layers, barycentres the order within them, and least squares
 * with minimal distances the positions. Lines must go from earlier to later boxes.
 * @source Sugiyama, Tagawa, Toda 1981, doi:10.1109/TSMC.1981.4308636
 */
export function layeredLayout(boxes: readonly Box[], lines: readonly Line[]): Layout {
  if (boxes.length === 0) return { boxes: [], lines: [], width: 0, height: 0 };
  const layerOf = assignLayers(boxes.length, lines);
  const slots: Slot[] = boxes.map(({ width, height }, i) => ({
    width,
    height,
    weight: 1,
    layer: layerOf[i] as number,
    x: 0,
  }));
  const links: [number, number][] = [];
  const chains = lines.map(({ from, to }) => {
    const chain = [from];
    for (let layer = (layerOf[from] as number) + 1; layer < (layerOf[to] as number); layer++) {
      chain.push(slots.push({ width: PASSAGE, height: 0, weight: PASSAGE_WEIGHT, layer, x: 0 }) - 1);
    }
    chain.push(to);
    for (let i = 1; i < chain.length; i++) links.push([chain[i - 1] as number, chain[i] as number]);
    return chain;
  });
  const layers = orderLayers(
    slots.map(({ layer }) => layer),
    links,
  );
  placeHorizontally(slots, layers, links);
  const heights = layers.map((layer) => Math.max(0, ...layer.map((i) => (slots[i] as Slot).height)));
  const tops = heights.map((_, layer) => heights.slice(0, layer).reduce((sum, height) => sum + height + GAP_Y, 0));
  const left = Math.min(...slots.map(({ x, width }) => x - width / 2));
  const right = Math.max(left, ...slots.map(({ x, width }) => x + width / 2));
  const middle = (layer: number): number => (tops[layer] as number) + (heights[layer] as number) / 2;
  const points = chains.map((chain) =>
    chain.flatMap((index, i): Point[] => {
      const { x: centre, layer, height } = slots[index] as Slot;
      const x = centre - left;
      if (i === 0) return [{ x, y: middle(layer) + height / 2 }];
      if (i === chain.length - 1) return [{ x, y: middle(layer) - height / 2 }];
      const top = tops[layer] as number;
      return [
        { x, y: top },
        { x, y: top + (heights[layer] as number) },
      ];
    }),
  );
  return {
    boxes: slots.slice(0, boxes.length).map(({ x, layer }) => ({ x: x - left, y: middle(layer) })),
    lines: points,
    width: right - left,
    height: heights.reduce((sum, height) => sum + height + GAP_Y, -GAP_Y),
  };
}

/** Longest path from a source; sources move down to just above their first reader. */
function assignLayers(count: number, lines: readonly Line[]): number[] {
  const layer = new Array<number>(count).fill(0);
  const byTarget = [...lines].sort((a, b) => a.to - b.to);
  for (const { from, to } of byTarget) layer[to] = Math.max(layer[to] as number, (layer[from] as number) + 1);
  const targets = new Set(lines.map(({ to }) => to));
  for (let i = 0; i < count; i++) {
    if (targets.has(i)) continue;
    const readers = lines.filter(({ from }) => from === i).map(({ to }) => layer[to] as number);
    if (readers.length > 0) layer[i] = Math.max(0, Math.min(...readers) - 1);
  }
  return layer;
}

function placeHorizontally(slots: Slot[], layers: readonly number[][], links: readonly [number, number][]): void {
  const above = slots.map((): number[] => []);
  const below = slots.map((): number[] => []);
  for (const [from, to] of links) {
    (above[to] as number[]).push(from);
    (below[from] as number[]).push(to);
  }
  const settle = (layer: readonly number[], neighbours: readonly number[][]): void => {
    const row = layer.map((i) => slots[i] as Slot);
    const wishes = layer.map((i) => {
      const xs = (neighbours[i] as number[]).map((k) => (slots[k] as Slot).x);
      return xs.length === 0 ? (slots[i] as Slot).x : xs.reduce((sum, x) => sum + x, 0) / xs.length;
    });
    const gaps = row.slice(1).map((slot, i) => ((row[i] as Slot).width + slot.width) / 2 + GAP_X);
    const placed = isotonicPositions(
      wishes,
      row.map(({ weight }) => weight),
      gaps,
    );
    for (const [i, slot] of row.entries()) slot.x = placed[i] as number;
  };
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) settle(layer, down ? above : below);
  }
  // In the end everything is drawn towards the neighbours on both sides.
  const around = slots.map((_, i) => [...(above[i] as number[]), ...(below[i] as number[])]);
  for (let sweep = 0; sweep < SWEEPS; sweep++)
    for (const layer of sweep % 2 === 0 ? layers : [...layers].reverse()) settle(layer, around);
}
