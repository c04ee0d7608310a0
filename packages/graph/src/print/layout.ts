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

/** Room beside a box, and beside a line that passes. */
const BOX_MARGIN = 12;
const PASSAGE_MARGIN = 2;
const GAP_Y = 34;
/** Room that a line takes where it passes a layer. */
const PASSAGE = 8;
/** Boxes and passages that are placed again in all sweeps together; small drawings get more sweeps. */
const PLACEMENTS = 400_000;
/** Weight of a link between two boxes, a box and a passage, two passages: long lines are straight. */
const STRAIGHTNESS = [2, 1, 6];
const ONE_SIDED_SWEEPS = 4;

/** A box or the passage of a line in one layer. */
interface Slot {
  readonly width: number;
  readonly height: number;
  readonly margin: number;
  readonly layer: number;
  x: number;
}

/** A link as one of its ends feels it. */
interface Pull {
  readonly to: number;
  readonly weight: number;
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
    margin: BOX_MARGIN,
    layer: layerOf[i] as number,
    x: 0,
  }));
  const links: [number, number][] = [];
  const chains = lines.map(({ from, to }) => {
    const chain = [from];
    for (let layer = (layerOf[from] as number) + 1; layer < (layerOf[to] as number); layer++) {
      chain.push(slots.push({ width: PASSAGE, height: 0, margin: PASSAGE_MARGIN, layer, x: 0 }) - 1);
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
  const left = slots.reduce((m, { x, width }) => Math.min(m, x - width / 2), Infinity);
  const right = slots.reduce((m, { x, width }) => Math.max(m, x + width / 2), -Infinity);
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

/**
 * Minimises the weighted squares of the links' horizontal lengths, one layer after the other, the distances between
 * neighbours in a layer kept. One-sided sweeps give a start.
 */
function placeHorizontally(slots: Slot[], layers: readonly number[][], links: readonly [number, number][]): void {
  const above = slots.map((): Pull[] => []);
  const below = slots.map((): Pull[] => []);
  for (const [from, to] of links) {
    const passages = [from, to].filter((i) => (slots[i] as Slot).margin === PASSAGE_MARGIN).length;
    const weight = STRAIGHTNESS[passages] as number;
    (above[to] as Pull[]).push({ to: from, weight });
    (below[from] as Pull[]).push({ to, weight });
  }
  const settle = (layer: readonly number[], pulls: readonly Pull[][]): void => {
    const row = layer.map((i) => slots[i] as Slot);
    const reach = row.map(({ width, margin }) => width / 2 + margin);
    const wishes = layer.map(
      (i) => weightedMean(pulls[i] as Pull[], slots) ?? { mean: (slots[i] as Slot).x, weight: 1e-6 },
    );
    const placed = isotonicPositions(
      wishes.map(({ mean }) => mean),
      wishes.map(({ weight }) => weight),
      reach.slice(1).map((right, i) => (reach[i] as number) + right),
    );
    for (const [i, slot] of row.entries()) slot.x = placed[i] as number;
  };
  const around = slots.map((_, i) => [...(above[i] as Pull[]), ...(below[i] as Pull[])]);
  const sweeps = Math.min(400, Math.max(10, Math.round(PLACEMENTS / slots.length)));
  for (let sweep = 0; sweep < sweeps; sweep++) {
    const down = sweep % 2 === 0;
    const pulls = sweep >= ONE_SIDED_SWEEPS ? around : down ? above : below;
    for (const layer of down ? layers : [...layers].reverse()) settle(layer, pulls);
  }
}

function weightedMean(pulls: readonly Pull[], slots: readonly Slot[]): { mean: number; weight: number } | null {
  let weight = 0;
  let sum = 0;
  for (const pull of pulls) {
    weight += pull.weight;
    sum += pull.weight * (slots[pull.to] as Slot).x;
  }
  return weight === 0 ? null : { mean: sum / weight, weight };
}
