import type { Feeds, Outputs, PathJob, PathSums, RunOptions, Support } from '@pathwise/model';
import type { Graph } from './graph.ts';

export interface LoadOptions {
  readonly maxBytes?: number;
  readonly workers?: number;
}

/** Runs graphs. One file or package each. */
export interface Engine {
  readonly id: string;
  /**
   * Bytes that a gradient takes at its peak for each element of the forward graph's tensors, for byte budgets: an
   * estimate. Default 16: every tensor and its cotangent in float64.
   */
  readonly bytesPerElement?: number;
  /** Finds what it cannot do before anything is computed. */
  supports(graph: Graph): Support;
  load(graph: Graph, options?: LoadOptions): Promise<Executable>;
}

/** What of a gradient graph is what of a path job. */
export interface PathNames {
  /** The input that takes the weights of F. */
  readonly seed: string;
  /** The tensor of which F is the weighted sum. */
  readonly target: string;
  /** Gradients by the differentiated tensors, in their order. */
  readonly gradients: readonly string[];
}

/** A graph ready to run. */
export interface Executable {
  /**
   * Evaluates any tensors by name, row by row: feeds have shape [rows, ...] where the graph has [1, ...]; a feed with
   * one row serves all. Outputs are stacked alike; a tensor whose first size is not 1 gets a new leading axis.
   */
  run(feeds: Feeds, wanted: readonly string[], options?: RunOptions): Promise<Outputs>;
  /**
   * Optional: gradients at points of straight paths without leaving the engine, as {@link PathJob} says; `names` are
   * those of this graph. null where it cannot take this job.
   * @throws PathwiseError NON_FINITE with the index of the point as `place.row`
   */
  integrate?(job: PathJob, names: PathNames, options?: RunOptions): Promise<PathSums | null>;
  /** Rows run so far. */
  readonly rows: number;
  dispose(): void;
}
