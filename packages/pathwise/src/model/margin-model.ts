import { asFloats, type DifferentiableModel, type Feeds, type RunOptions } from '@pathwise/model';
import { sourceOf, type Engine, type Graph, type GraphSource } from '@pathwise/graph';
import { graphModel, withDecisionMargins } from '@pathwise/ops';
import { flopOf } from '../inspect/flop.ts';

/**
 * A decision whose margin is below this part of the tensor's largest value may fall either way in float32: sums of some
 * hundred terms are rounded by about that much.
 */
const CERTAIN = 1e-6;

/**
 * Operations of a forward run above which float32 is left alone: in large networks some unit is near its kink at almost
 * every point, and float64 would do all of the work.
 */
const MOST_FLOP = 2e7;

/**
 * The same for networks with max pooling: margins of windows cost more than the network, and on flat parts of an input
 * neighbours are equal but for rounding, so almost every point is evaluated in float64.
 */
const MOST_FLOP_WITH_POOLING = 2e6;

/** Tells at which rows float32 cannot decide. */
export interface MarginModel extends Pick<DifferentiableModel, 'outputTensor' | 'dispose'> {
  /** Whether it looks at the decisions of a model of this size at all. */
  looksAt(feeds: Feeds): boolean;
  /** Rows of the feeds, ascending, at which a decision between the feeds and the tensors `targets` is uncertain. */
  undecided(feeds: Feeds, targets: readonly string[], options?: RunOptions): Promise<number[]>;
}

/** Runs the margins of a model's decisions on an engine. */
export function marginModel(model: Graph | GraphSource, engine: Engine): MarginModel {
  const source = 'nodes' in model ? sourceOf(model) : model;
  /** What decides: the first output of the node, and the tensor with its margin. Names are the same for all sizes. */
  const margins = new Map<string, string>();
  const own = graphModel(
    {
      name: source.name,
      inputs: source.inputs,
      outputs: source.outputs,
      graph(shapes) {
        const graph = source.graph(shapes);
        const pools = graph.nodes.some(({ op }) => op === 'MaxPool');
        if (flopOf(graph) > (pools ? MOST_FLOP_WITH_POOLING : MOST_FLOP)) return graph;
        const added = withDecisionMargins(graph);
        if (!engine.supports(added.graph).ok) return graph;
        for (const node of graph.nodes) {
          const margin = added.margins.get(node.name);
          if (margin !== undefined) margins.set(node.outputs[0]!, margin);
        }
        return added.graph;
      },
    },
    engine,
  );
  const wantedBy = new Map<string, readonly string[]>();
  const wantedOf = (feeds: Feeds, targets: readonly string[]): readonly string[] => {
    const key = JSON.stringify([Object.entries(feeds).map(([name, { shape }]) => [name, shape.slice(1)]), targets]);
    const structure = own.structure(feeds);
    const known = wantedBy.get(key);
    if (known !== undefined) return known;
    const fed = Object.keys(feeds);
    const between = [...margins].filter(
      ([output, margin]) =>
        structure.tensor(margin) !== undefined &&
        !fed.includes(output) &&
        fed.some((name) => structure.reaches(name, output)) &&
        targets.some((target) => target === output || structure.reaches(output, target)),
    );
    const wanted = between.map(([, margin]) => margin);
    wantedBy.set(key, wanted);
    return wanted;
  };
  return {
    outputTensor: (name, scale, feeds) => own.outputTensor(name, scale, feeds),
    dispose: () => own.dispose(),
    looksAt(feeds) {
      const structure = own.structure(feeds);
      return [...margins.values()].some((margin) => structure.tensor(margin) !== undefined);
    },
    async undecided(feeds, targets, options) {
      const wanted = wantedOf(feeds, targets);
      if (wanted.length === 0) return [];
      const values = Object.values(await own.forward(feeds, wanted, options)).map(({ data }) => asFloats(data));
      const rows = Math.max(...values.map(({ length }) => length));
      return Array.from({ length: rows }, (_, row) => row).filter((row) =>
        values.some((margin) => margin[margin.length === 1 ? 0 : row]! < CERTAIN),
      );
    },
  };
}
