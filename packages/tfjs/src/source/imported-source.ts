import type { Blocker, Shape, TensorInfo, Warning } from '@pathwise/model';
import type { Graph, SourceInput } from '@pathwise/graph';
import type { ModelFormat } from '../files/model-json.ts';
import type { TfjsLimits } from '../limits.ts';
import { rowShapes, sourceInput, type BatchedOption, type DeclaredInput } from './declared-inputs.ts';
import { findOutputs } from './find-outputs.ts';
import { inFile, type TfjsSource } from './tfjs-source.ts';

/** What an importer makes of a model. */
export interface Imported {
  readonly graph: Graph;
  readonly warnings: readonly Warning[];
  /** Layers or nodes that could not be imported; the graph is then empty. */
  readonly blockers: readonly Blocker[];
  /** Tensors whose channels stand second in the graph and last in the model. */
  readonly channelsFirst: ReadonlySet<string>;
}

/** A model that was read, and its importer. */
export interface ImportableModel {
  readonly format: ModelFormat;
  readonly label: string;
  readonly inputs: readonly DeclaredInput[];
  /** Which inputs have a batch; undefined: the shapes tell. */
  readonly batched: BatchedOption | undefined;
  /** Size of the weights as stored. */
  readonly bytes: number;
  readonly limits: TfjsLimits;
  readonly build: (shapes: ReadonlyMap<string, Shape>, how: { readonly isCollecting: boolean }) => Imported;
}

/** A TensorFlow.js model as a source of graphs. */
export class ImportedSource implements TfjsSource {
  readonly format: ModelFormat;
  readonly name: string;
  readonly bytes: number;
  readonly inputs: readonly SourceInput[];
  readonly #model: ImportableModel;
  #outputs: readonly TensorInfo[] | undefined;
  #warnings: readonly Warning[] = [];
  #channelsFirst: ReadonlySet<string> = new Set();
  /** The graph made last: asking for the outputs makes one that is likely to be asked for next. */
  #last: { readonly key: string; readonly graph: Graph } | undefined;

  constructor(model: ImportableModel) {
    this.#model = model;
    this.format = model.format;
    this.name = model.label;
    this.bytes = model.bytes;
    this.inputs = model.inputs.map((input) => sourceInput(input, model.batched));
  }

  get warnings(): readonly Warning[] {
    return this.#warnings;
  }

  get channelsFirst(): ReadonlySet<string> {
    return this.#channelsFirst;
  }

  get outputs(): readonly TensorInfo[] {
    this.#outputs ??= findOutputs(this);
    return this.#outputs;
  }

  graph(shapes: Readonly<Record<string, Shape>>): Graph {
    return inFile(this.name, () => {
      const rows = this.#rows(shapes);
      const key = JSON.stringify([...rows]);
      if (this.#last?.key === key) return this.#last.graph;
      const { graph, warnings, channelsFirst } = this.#model.build(rows, { isCollecting: false });
      this.#warnings = warnings;
      this.#channelsFirst = channelsFirst;
      this.#last = { key, graph };
      return graph;
    });
  }

  blockers(shapes: Readonly<Record<string, Shape>>): readonly Blocker[] {
    return inFile(this.name, () => this.#model.build(this.#rows(shapes), { isCollecting: true }).blockers);
  }

  #rows(shapes: Readonly<Record<string, Shape>>): Map<string, Shape> {
    return rowShapes(this.#model.inputs, this.inputs, shapes, this.#model.limits);
  }
}
