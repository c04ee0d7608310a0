import { PathwiseError, type Blocker, type Shape, type Warning } from '@pathwise/model';
import { removeDeadNodes } from '@pathwise/graph';
import { renameTensors } from '../import/rename-tensors.ts';
import { ScopedBuilder } from '../import/scoped-builder.ts';
import { LayoutBuilder, type LayoutValue } from '../layout/layout-builder.ts';
import { limitError, type TfjsLimits } from '../limits.ts';
import type { Imported } from '../source/imported-source.ts';
import type { LayerCall, LayerResult } from './layer-call.ts';
import { policyOf, type LayersModel } from './layers-model.ts';
import { layerClasses, ruleOf } from './rules/all.ts';
import { callKey, callOrder } from './topology/call-order.ts';
import type { KerasCall, KerasLayer, KerasModel, TensorOf } from './topology/keras-model.ts';
import { isTensors } from './topology/parse-model.ts';

/** A value with the mask that goes with it. */
interface Masked {
  readonly value: LayoutValue;
  readonly mask: LayoutValue | null;
}

/** Where a layer is: its name with those of the models around it, with the call sites of these, and without. */
interface Path {
  readonly name: readonly string[];
  readonly owners: readonly string[];
}

/** undefined: behind a layer that could not be imported. */
type Outputs = readonly (Masked | undefined)[];

/** What a layer may be blamed for; other errors are about the file as a whole. */
const BLOCKING: ReadonlySet<string> = new Set(['UNSUPPORTED_OP', 'BAD_SHAPE', 'BAD_ARGUMENT']);

/**
 * Builds the graph of a layers model for inputs of the shapes given.
 * @param isCollecting - go on behind layers that cannot be imported, to name them all
 * @throws PathwiseError UNSUPPORTED_OP, BAD_SHAPE, BAD_FILE naming the layer
 */
export function importLayers(
  source: LayersModel,
  shapes: ReadonlyMap<string, Shape>,
  limits: TfjsLimits,
  { isCollecting = false }: { readonly isCollecting?: boolean } = {},
): Imported {
  return new LayersImporter(source, limits, isCollecting).run(shapes);
}

class LayersImporter {
  readonly b: ScopedBuilder;
  readonly #l: LayoutBuilder;
  readonly #source: LayersModel;
  readonly #limits: TfjsLimits;
  readonly #isCollecting: boolean;
  readonly #names = new Map<string, string>();
  readonly #warnings = new Map<string, Warning>();
  readonly #blockers: Blocker[] = [];

  constructor(source: LayersModel, limits: TfjsLimits, isCollecting: boolean) {
    this.#source = source;
    this.#limits = limits;
    this.#isCollecting = isCollecting;
    this.b = new ScopedBuilder(limits, source.weightBytes);
    this.#l = new LayoutBuilder(this.b);
  }

  run(shapes: ReadonlyMap<string, Shape>): Imported {
    const { model, inputs } = this.#source;
    const fed = inputs.map(({ name, dtype }): Masked => {
      const value = this.#l.input(name, shapes.get(name) as Shape, dtype);
      return { value, mask: null };
    });
    const outputs = this.#model(model, fed, { name: [], owners: [] });
    const warnings = [...this.#warnings.values()];
    if (this.#blockers.length > 0 || outputs.includes(undefined)) {
      return { graph: this.b.build([]), warnings, blockers: this.#blockers, channelsFirst: new Set() };
    }
    const refs = (outputs as readonly Masked[]).map(({ value }, i) =>
      this.#output(value, model.outputs[i] as TensorOf),
    );
    const graph = removeDeadNodes(this.b.build(refs, model.name));
    const renamed = renameTensors(graph, this.#names);
    const channelsFirst = new Set([...this.#l.channelsFirstTensors].map(renamed.nameOf));
    return { graph: renamed.graph, warnings, blockers: [], channelsFirst };
  }

  /** An output with its axes as written, under the name of its layer. */
  #output(value: LayoutValue, { layer, call, output }: TensorOf): string {
    this.b.scope = layer;
    const ref = this.#l.asWritten(value);
    const name = outputName([layer], call, output);
    if (ref !== value.ref) this.#names.set(value.ref, `${name}/channels_first`);
    const isFresh = !this.b.constantOf(ref) && !this.#source.inputs.some((input) => input.name === ref);
    const own = isFresh ? ref : this.b.emit('Identity', [ref]);
    this.#names.set(own, name);
    return own;
  }

  /** The outputs of a model for values of its inputs. */
  #model(model: KerasModel, inputs: Outputs, around: Path): Outputs {
    const values = new Map<string, Outputs>();
    for (const [i, { layer, call }] of model.inputs.entries()) values.set(callKey(layer, call), [inputs[i]]);
    const read = ({ layer, call, output }: TensorOf): Masked | undefined => {
      const outputs = values.get(callKey(layer, call));
      if (outputs === undefined || outputs.length === 0) return undefined;
      if (output >= outputs.length) {
        throw new PathwiseError(
          'BAD_FILE',
          `layer "${layer}" has ${outputs.length} outputs, but number ${output} is read`,
          {
            node: layer,
          },
        );
      }
      return outputs[output];
    };
    for (const { layer, call } of callOrder(model)) {
      const key = callKey(layer.name, call);
      if (values.has(key)) continue;
      const path = { name: [...around.name, layer.name], owners: [...around.owners, layer.name] };
      values.set(key, this.#layer(layer, call, read, path));
    }
    return model.outputs.map(read);
  }

  #layer(layer: KerasLayer, index: number, read: (tensor: TensorOf) => Masked | undefined, path: Path): Outputs {
    const call = layer.calls[index] as KerasCall;
    const inputs = call.inputs.map(read);
    if (layer.model !== null) {
      if (inputs.length !== layer.model.inputs.length) {
        throw new PathwiseError(
          'BAD_FILE',
          `model "${path.name.join('/')}" takes ${layer.model.inputs.length} inputs, got ${inputs.length}`,
          { node: layer.name },
        );
      }
      return this.#model(layer.model, inputs, { ...path, name: path.name.with(-1, layer.name + siteOf(index)) });
    }
    try {
      return this.#apply(layer, index, call, inputs as Outputs, read, path);
    } catch (error) {
      const located = locate(error, layer, path.name);
      if (!this.#isCollecting || !BLOCKING.has(located.code)) throw located;
      const reason = located.message.replace(/^layer ".*?" \([^)]*\): /, '');
      this.#blockers.push({ node: path.name.join('/'), op: layer.className, reason });
      return [];
    }
  }

  #apply(
    layer: KerasLayer,
    index: number,
    { keywords }: KerasCall,
    inputs: Outputs,
    read: (tensor: TensorOf) => Masked | undefined,
    path: Path,
  ): Outputs {
    const { className, config } = layer;
    const name = path.name.join('/');
    const rule = ruleOf(className);
    if (rule === undefined) {
      const known = layerClasses.join(', ');
      throw new PathwiseError(
        'UNSUPPORTED_OP',
        `layers of class ${className} are not supported; supported are ${known}`,
      );
    }
    if (inputs.includes(undefined)) return [];
    if (inputs.length === 0) throw new PathwiseError('BAD_FILE', 'it has no inputs');
    const given = new Map<string, unknown>();
    for (const [key, value] of keywords) {
      if (!isTensors(value)) given.set(key, value);
      else {
        const values = value.map(read);
        if (values.includes(undefined)) return [];
        given.set(
          key,
          (values as readonly Masked[]).map((masked) => masked.value),
        );
      }
    }
    this.#warnOfPolicy(layer, name);
    const known = inputs as readonly Masked[];
    this.b.scope = name + siteOf(index);
    const result = rule(
      this.#call({
        name,
        className,
        config,
        inputs: known.map(({ value }) => value),
        masks: known.map(({ mask }) => mask),
        keywords: given as LayerCall['keywords'],
        weights: this.#source.weights.of(path.owners, className),
      }),
    );
    for (const [output, { ref }] of result.outputs.entries()) {
      // An identity has the tensor of its input.
      const isOwn = !known.some(({ value }) => value.ref === ref);
      if (isOwn && !this.#names.has(ref)) this.#names.set(ref, outputName(path.name, index, output));
    }
    return result.outputs.map((value, i) => ({ value, mask: i === 0 ? result.mask : null }));
  }

  #call(parts: Omit<LayerCall, 'l' | 'writer' | 'warn' | 'apply'>, depth = 0): LayerCall {
    if (depth > this.#limits.depth)
      throw limitError('depth', `layer "${parts.name}": layers in layers`, this.#limits.depth);
    return {
      ...parts,
      l: this.#l,
      writer: this.#source.writer,
      warn: (code, message) => void this.#warnings.set(`${code} ${message}`, { code, message }),
      apply: (className, config, changes): LayerResult => {
        const rule = ruleOf(className);
        if (rule === undefined) {
          throw new PathwiseError('UNSUPPORTED_OP', `layers of class ${className} inside it are not supported`);
        }
        return rule(this.#call({ ...parts, className, config, ...changes }, depth + 1));
      },
    };
  }

  /** Reduced precision is computed in float32. */
  #warnOfPolicy({ config }: KerasLayer, name: string): void {
    const json = config.raw('dtype');
    const policy = json === undefined ? null : policyOf(json);
    if (policy === null || !/float16/.test(policy) || this.#warnings.has('precision')) return;
    const message = `layer "${name}" was trained with ${policy}; it is computed in full precision`;
    this.#warnings.set('precision', { code: 'precision', message });
  }
}

/** Call sites beyond the first are told apart by a number. */
function siteOf(call: number): string {
  return call === 0 ? '' : `@${call}`;
}

/** Name of an output: of the first call the layer's name, of others with their number. */
function outputName(path: readonly string[], call: number, output: number): string {
  return path.join('/') + siteOf(call) + (output === 0 ? '' : `:${output}`);
}

/** Adds the layer to an error that does not name one. */
function locate(error: unknown, { className }: KerasLayer, path: readonly string[]): PathwiseError {
  if (!(error instanceof PathwiseError)) throw error;
  const node = path.join('/');
  if (error.place.op === className && error.message.startsWith('layer ')) return error;
  const message = error.message.startsWith('layer ')
    ? error.message
    : `layer "${node}" (${className}): ${error.message}`;
  return new PathwiseError(error.code, message, { ...error.place, node, op: className }, { cause: error });
}
