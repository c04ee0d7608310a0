import type { Blocker, Shape, Tensor, TensorInfo } from '@pathwise/model';
import type { Graph, SourceInput } from '@pathwise/graph';
import { declaredSubstitute } from './import/blockers.ts';
import { Importer } from './import/importer.ts';
import { Scope } from './import/scope.ts';
import type { OnnxLimits } from './limits.ts';
import { inFile, loadModel, type OnnxModel } from './model/onnx-model.ts';
import {
  batchedInputs,
  declaredInputs,
  declaredOutputs,
  resolveShapes,
  sourceInput,
  type BatchedOption,
  type Declared,
} from './model/signature.ts';
import type { OnnxSource } from './onnx-source.ts';
import type { ExternalDataReader } from './tensor/external-data.ts';

export interface OnnxOptions {
  /** Name of the file, for messages and as the name of a graph that has none. */
  readonly name?: string;
  /** Bytes of files beside the model that hold its weights; see {@link externalLocations}. */
  readonly externalData?: ExternalDataReader;
  /**
   * Whether inputs have a batch axis in front, for all or by name. Default: they have one where the file gives its
   * size as a symbol or as 1 and no other axis is named like a batch.
   */
  readonly batched?: BatchedOption;
  /** Values that stand for inputs: these are then no inputs any more. For inputs that decide shapes. */
  readonly constants?: Readonly<Record<string, Tensor>>;
  readonly limits?: Partial<OnnxLimits>;
}

/**
 * Reads a model file of operator sets 1 to 28. Weights stay in `bytes` (which must not be changed) until a graph is
 * asked for.
 *
 * @param bytes - the .onnx file
 * @throws PathwiseError BAD_FILE with byte offset, tensor or node; LIMIT_EXCEEDED; UNSUPPORTED_OP for inputs of a type
 *   that graphs do not have
 * @source ONNX 1.20, IR version 13
 */
export function readOnnx(bytes: Uint8Array, options: OnnxOptions = {}): OnnxSource {
  const { name: label, limits, externalData } = options;
  return new OnnxFile(loadModel(bytes, { label, limits, externalData }), options);
}

class OnnxFile implements OnnxSource {
  readonly name: string;
  readonly inputs: readonly SourceInput[];
  readonly outputs: readonly TensorInfo[];
  readonly #model: OnnxModel;
  readonly #declared: readonly Declared[];
  readonly #batched: ReadonlySet<string>;
  readonly #constants: ReadonlyMap<string, Tensor>;

  constructor(model: OnnxModel, { batched, constants = {} }: OnnxOptions) {
    this.#model = model;
    this.#constants = new Map(Object.entries(constants));
    this.name = model.graph.name ?? model.label;
    [this.#declared, this.#batched, this.inputs, this.outputs] = inFile(model.label, () => {
      const declared = declaredInputs(model.graph, this.#constants);
      const rows = batchedInputs(declared, batched);
      const inputs = declared.map((input) => sourceInput(input, rows.has(input.name)));
      return [declared, rows, inputs, declaredOutputs(model.graph).map((output) => outputInfo(output, rows.size > 0))];
    });
  }

  graph(shapes: Readonly<Record<string, Shape>>): Graph {
    return inFile(this.#model.label, () => this.#import(new Importer(this.#model), shapes));
  }

  blockers(shapes: Readonly<Record<string, Shape>>): readonly Blocker[] {
    return inFile(this.#model.label, () => {
      const { symbols } = resolveShapes(this.#declared, this.#batched, shapes, this.#model.limits);
      const importer = new Importer(this.#model, declaredSubstitute(this.#model.graph, symbols));
      this.#import(importer, shapes);
      return importer.blockers;
    });
  }

  #import(importer: Importer, given: Readonly<Record<string, Shape>>): Graph {
    const { graph, opsets, limits } = this.#model;
    const { shapes } = resolveShapes(this.#declared, this.#batched, given, limits);
    const scope = new Scope({ prefix: '', opsets, initializers: graph.initializers });
    for (const [name, value] of this.#constants) scope.bind(name, importer.b.constant(value, name));
    for (const { name, dtype } of this.#declared) {
      scope.bind(name, importer.b.input(name, shapes.get(name) as Shape, dtype));
    }
    return importer.build(
      importer.body(
        graph.nodes,
        graph.outputs.map((output) => output.name ?? ''),
        scope,
      ),
    );
  }
}

/** Outputs of models with rows have them in front. */
function outputInfo({ name, dtype, shape }: Declared, rows: boolean): TensorInfo {
  if (shape === null) return { name, dtype, shape: [rows ? 'batch' : `${name}_shape`] };
  return { name, dtype, shape: rows && shape[0] === 1 ? ['batch', ...shape.slice(1)] : shape };
}
