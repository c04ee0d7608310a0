const SWEEPS = 16;

/**
 * Orders the slots of each layer so that few links cross: sweeps down and up, sorting by the mean position of the
 * neighbours; the best order seen wins. `layerOf` gives each slot's layer; links join neighbouring layers.
 */
export function orderLayers(layerOf: readonly number[], links: readonly (readonly [number, number])[]): number[][] {
  const layers: number[][] = Array.from({ length: Math.max(-1, ...layerOf) + 1 }, () => []);
  for (const [slot, layer] of layerOf.entries()) (layers[layer] as number[]).push(slot);
  const above = layerOf.map((): number[] => []);
  const below = layerOf.map((): number[] => []);
  for (const [from, to] of links) {
    (above[to] as number[]).push(from);
    (below[from] as number[]).push(to);
  }
  const position = new Array<number>(layerOf.length).fill(0);
  const number = (layer: readonly number[]): void => layer.forEach((slot, i) => (position[slot] = i));
  layers.forEach(number);
  let best = layers.map((layer) => [...layer]);
  let fewest = countCrossings(layers, below, position);
  for (let sweep = 0; sweep < SWEEPS && fewest > 0; sweep++) {
    const down = sweep % 2 === 0;
    for (const layer of down ? layers : [...layers].reverse()) {
      sortByNeighbours(layer, down ? above : below, position);
      number(layer);
    }
    const crossings = countCrossings(layers, below, position);
    if (crossings < fewest) [fewest, best] = [crossings, layers.map((layer) => [...layer])];
  }
  return best;
}

/** Slots without neighbours keep their place in the order. */
function sortByNeighbours(layer: number[], neighbours: readonly number[][], position: readonly number[]): void {
  const key = new Map(
    layer.map((slot) => {
      const around = neighbours[slot] as number[];
      const mean = around.reduce((sum, k) => sum + (position[k] as number), 0) / around.length;
      return [slot, around.length === 0 ? (position[slot] as number) : mean];
    }),
  );
  layer.sort(
    (a, b) => (key.get(a) as number) - (key.get(b) as number) || (position[a] as number) - (position[b] as number),
  );
}

/** Pairs of links between two layers whose ends are in opposite orders. */
function countCrossings(layers: readonly number[][], below: readonly number[][], position: readonly number[]): number {
  let crossings = 0;
  for (const layer of layers) {
    const ends: number[] = [];
    for (const slot of layer) {
      const targets = (below[slot] as number[]).map((k) => position[k] as number).sort((a, b) => a - b);
      for (const target of targets) for (const end of ends) if (end > target) crossings++;
      ends.push(...targets);
    }
  }
  return crossings;
}
