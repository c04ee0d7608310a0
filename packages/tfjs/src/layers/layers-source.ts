import { PathwiseError, type Blocker, type Shape, type TensorInfo, type Warning } from '@pathwise/model';
import { EXAMPLE_SIZES, exampleShapes, typeOf, type Graph, type SourceInput } from '@pathwise/graph';
import type { TfjsLimits } from '../limits.ts';
import { rowShapes, sourceInput } from '../source/declared-inputs.ts';
import { inFile, type TfjsSource } from '../source/tfjs-source.ts';
import { importLayers } from './import-layers.ts';
import type { LayersModel } from './layers-model.ts';

/** A layers model as a source of graphs. */
export class LayersSource implements TfjsSource {
  readonly format = 'layers-model';
  readonly name: string;
  readonly inputs: readonly SourceInput[];
  readonly #model: LayersModel;
  readonly #limits: TfjsLimits;
  #outputs: readonly TensorInfo[] | undefined;
  #warnings: readonly Warning[] = [];
  /** The graph made last: asking for the outputs makes one that is likely to be asked for next. */
  #last: { readonly key: string; readonly graph: Graph } | undefined;

  constructor(model: LayersModel, limits: TfjsLimits) {
    this.#model = model;
    this.#limits = limits;
    this.name = model.label;
    // The first axis of a Keras model is always the batch.
    this.inputs = model.inputs.map((input) => sourceInput(input, true));
  }

  get bytes(): number {
    return this.#model.weightBytes;
  }

  get warnings(): readonly Warning[] {
    return this.#warnings;
  }

  get outputs(): readonly TensorInfo[] {
    this.#outputs ??= this.#findOutputs();
    return this.#outputs;
  }

  graph(shapes: Readonly<Record<string, Shape>>): Graph {
    return inFile(this.#model.label, () => {
      const rows = rowShapes(this.#model.inputs, this.inputs, shapes, this.#limits);
      const key = JSON.stringify([...rows]);
      if (this.#last?.key === key) return this.#last.graph;
      const { graph, warnings } = importLayers(this.#model, rows, this.#limits);
      this.#warnings = warnings;
      this.#last = { key, graph };
      return graph;
    });
  }

  blockers(shapes: Readonly<Record<string, Shape>>): readonly Blocker[] {
    return inFile(this.#model.label, () => {
      const rows = rowShapes(this.#model.inputs, this.inputs, shapes, this.#limits);
      return importLayers(this.#model, rows, this.#limits, { isCollecting: true }).blockers;
    });
  }

  /** The outputs of graphs for two sizes of what the inputs leave open; where these differ the size is open too. */
  #findOutputs(): TensorInfo[] {
    const isOpen = this.inputs.some(({ shape }) => shape.slice(1).some((d) => typeof d === 'string'));
    const graphs: Graph[] = [];
    let failure: unknown;
    for (const size of isOpen ? [...EXAMPLE_SIZES].reverse() : [1]) {
      try {
        graphs.push(this.graph(exampleShapes(this, size)));
      } catch (error) {
        if (!(error instanceof PathwiseError)) throw error;
        failure ??= error;
      }
      if (graphs.length === 2) break;
    }
    const [graph, other = graph] = graphs;
    if (graph === undefined || other === undefined) throw failure;
    return graph.outputs.map((name) => {
      const { dtype, shape } = typeOf(graph, name);
      const second = typeOf(other, name).shape;
      const sizes = shape.map((d, axis) => (axis === 0 ? 'batch' : d === second[axis] ? d : `${name}_axis_${axis}`));
      return { name, dtype, shape: sizes };
    });
  }
}
