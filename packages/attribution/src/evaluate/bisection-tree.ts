import { dot, l1OfProduct } from './integral.ts';
import type { GradientVector } from '@pathwise/model';

/** Nodes are integers k with alpha = k / 2^20, exact in binary. */
const GRID = 2 ** 20;
const START_PANELS = 8;
/** New nodes of a round come in whole tiles. */
const TILE = 8;
/** sqrt(2 / pi) / sqrt(12): mean |error| of a panel of width h whose gradient walks at random is this times h |dv|. */
const ROUGH = Math.sqrt(2 / Math.PI) / Math.sqrt(12);
/** Weight of the parent's second difference in a panel's indicator. */
const NESTED = 0.163;

interface Node {
  readonly output: number;
  /** Sum of gradient * displacement: dF / dalpha. */
  readonly slope: number;
  readonly gradient: GradientVector;
}

/** Sums over the panels of a tree, as gradients (not yet times the displacement). */
export interface TreeSums {
  /** The trapezoid sum. */
  readonly fine: Float64Array;
  /** The same rule one level coarser, minus the fine one. */
  readonly difference: Float64Array;
  /** Sum over panels of |trapezoid of the slopes - change of F|. */
  readonly residuals: number;
}

/**
 * The nodes of one path as a tree of bisected panels. `indicator` of a panel is the largest of the difference of
 * neighbouring gradients, its parent's second difference and its completeness residual, so all that can raise the
 * stated error is under it.
 */
export class BisectionTree {
  readonly #displacement: Float64Array;
  readonly #nodes = new Map<number, Node>();
  /** |v(b) - v(a)|_1 by "a:b", and the parents' |second difference|_1. */
  readonly #norms = new Map<string, number>();
  #rounds = 0;

  constructor(displacement: Float64Array) {
    this.#displacement = displacement;
  }

  static alpha(node: number): number {
    return node / GRID;
  }

  get count(): number {
    return this.#nodes.size;
  }

  /** The first nodes, both ends included. */
  start(): number[] {
    return Array.from({ length: START_PANELS + 1 }, (_, k) => (GRID / START_PANELS) * k);
  }

  add(node: number, output: number, gradient: GradientVector): void {
    this.#nodes.set(node, { output, slope: dot(gradient, this.#displacement), gradient: gradient.slice() });
  }

  sums(): TreeSums {
    this.#rounds++;
    const keys = this.#keys();
    const fineWeights = new Map<number, number>();
    const differenceWeights = new Map<number, number>();
    const put = (weights: Map<number, number>, node: number, weight: number): void => {
      weights.set(node, (weights.get(node) ?? 0) + weight);
    };
    let residuals = 0;
    for (const [a, b] of panels(keys)) {
      const h = (b - a) / GRID;
      residuals += this.#residual(a, b);
      put(fineWeights, a, h / 2);
      put(fineWeights, b, h / 2);
      const [pa, pm, pb] = parent(a, b);
      put(differenceWeights, pa, h / 4);
      put(differenceWeights, pm, -h / 2);
      put(differenceWeights, pb, h / 4);
    }
    const fine = new Float64Array(this.#displacement.length);
    const difference = new Float64Array(this.#displacement.length);
    for (const key of keys) {
      const { gradient } = this.#node(key);
      const w = fineWeights.get(key) ?? 0;
      const d = differenceWeights.get(key) ?? 0;
      for (let i = 0; i < fine.length; i++) {
        fine[i] += w * gradient[i];
        difference[i] += d * gradient[i];
      }
    }
    return { fine, difference, residuals };
  }

  /**
   * The nodes of the next round: the panel with the largest indicator is split again and again, its halves expected at
   * 2^-1.5 of it. A round adds half of the nodes there are, and after the second no more than `forecast` asks for.
   */
  refine(maxEvaluations: number, forecast: number): number[] {
    let wanted = Math.max(TILE, Math.floor(Math.floor(this.count / 2) / TILE) * TILE);
    if (this.#rounds >= 2 && Number.isFinite(forecast)) {
      wanted = Math.min(wanted, Math.max(TILE, Math.ceil((forecast - this.count) / TILE) * TILE));
    }
    wanted = Math.min(wanted, maxEvaluations - this.count);
    const open = panels(this.#keys()).map(([a, b]) => ({ a, b, indicator: this.#indicator(a, b) }));
    const chosen: number[] = [];
    while (chosen.length < wanted) {
      let best = -1;
      for (const [i, { a, b, indicator }] of open.entries()) {
        if (b - a < 2) continue;
        if (best < 0 || indicator > open[best].indicator || (indicator === open[best].indicator && a < open[best].a)) {
          best = i;
        }
      }
      if (best < 0) break;
      const { a, b, indicator } = open[best];
      const middle = (a + b) / 2;
      const child = indicator * 2 ** -1.5;
      chosen.push(middle);
      open.splice(best, 1, { a, b: middle, indicator: child }, { a: middle, b, indicator: child });
    }
    return chosen.sort((x, y) => x - y);
  }

  /** Largest |F(b) - F(a)| of a panel. */
  largestChange(): number {
    return panels(this.#keys()).reduce(
      (largest, [a, b]) => Math.max(largest, Math.abs(this.#node(b).output - this.#node(a).output)),
      0,
    );
  }

  /** sqrt(sum of h^2 dv_i^2 / 12) per feature, for a gradient that walks at random between nodes. */
  standardErrors(): Float64Array {
    const variance = new Float64Array(this.#displacement.length);
    for (const [a, b] of panels(this.#keys())) {
      const h = (b - a) / GRID;
      const [va, vb] = [this.#node(a).gradient, this.#node(b).gradient];
      for (let i = 0; i < variance.length; i++) {
        const dv = (vb[i] - va[i]) * this.#displacement[i];
        variance[i] += (h * h * dv * dv) / 12;
      }
    }
    return variance.map(Math.sqrt);
  }

  #indicator(a: number, b: number): number {
    const h = (b - a) / GRID;
    return Math.max(ROUGH * h * this.#norm([a, b], [-1, 1]), NESTED * h * this.#secondNorm(a, b), this.#residual(a, b));
  }

  #secondNorm(a: number, b: number): number {
    return this.#norm(parent(a, b), [1, -2, 1]);
  }

  /** |sum of factor * v(node)|_1, kept for later rounds. */
  #norm(nodes: readonly number[], factors: readonly number[]): number {
    const key = nodes.join(':');
    const known = this.#norms.get(key);
    if (known !== undefined) return known;
    const vectors = nodes.map((node) => this.#node(node).gradient);
    const sum = new Float64Array(this.#displacement.length);
    for (const [k, vector] of vectors.entries()) {
      for (let i = 0; i < sum.length; i++) sum[i] += factors[k] * vector[i];
    }
    const norm = l1OfProduct(sum, this.#displacement);
    this.#norms.set(key, norm);
    return norm;
  }

  #residual(a: number, b: number): number {
    const [start, end] = [this.#node(a), this.#node(b)];
    return Math.abs((((b - a) / GRID) * (start.slope + end.slope)) / 2 - (end.output - start.output));
  }

  #node(key: number): Node {
    return this.#nodes.get(key) as Node;
  }

  #keys(): number[] {
    return [...this.#nodes.keys()].sort((x, y) => x - y);
  }
}

function panels(keys: readonly number[]): [number, number][] {
  return keys.slice(1).map((b, i) => [keys[i], b]);
}

/** Ends and middle of the panel that was bisected into [a, b] and its sibling. */
function parent(a: number, b: number): [number, number, number] {
  const width = b - a;
  const start = a - (a % (2 * width));
  return [start, start + width, start + 2 * width];
}
