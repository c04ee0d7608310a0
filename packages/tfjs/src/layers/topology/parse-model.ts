import { PathwiseError } from '@pathwise/model';
import { Fields } from '../../files/fields.ts';
import { isObject, type Json } from '../../files/json.ts';
import type { KerasCall, KerasLayer, KerasModel, TensorOf } from './keras-model.ts';
import { callsOf, endsOf } from './tensor-references.ts';

const MODEL_CLASSES = new Set(['Model', 'Functional', 'Sequential']);

/** Layers that were renamed over the years. */
const RENAMED: ReadonlyMap<string, string> = new Map([
  ['BatchNormalizationV1', 'BatchNormalization'],
  ['BatchNormalizationV2', 'BatchNormalization'],
  ['SyncBatchNormalization', 'BatchNormalization'],
  ['UnifiedLSTM', 'LSTM'],
  ['UnifiedGRU', 'GRU'],
  ['LSTMV2', 'LSTM'],
  ['GRUV2', 'GRU'],
  ['CuDNNLSTM', 'LSTM'],
  ['CuDNNGRU', 'GRU'],
]);

/** The class of a layer under today's name. */
export function classOf(fields: Fields): string {
  const name = fields.string('class_name');
  return RENAMED.get(name) ?? name;
}

/**
 * Reads {class_name, config} of a functional or sequential model, with the models inside it.
 * @throws PathwiseError BAD_FILE, UNSUPPORTED_OP for a subclassed model
 */
export function parseModel(json: Json | undefined, where: string): KerasModel {
  const fields = new Fields(json, where);
  const className = fields.string('class_name');
  if (!MODEL_CLASSES.has(className)) {
    throw new PathwiseError(
      'UNSUPPORTED_OP',
      `${where}: a model of class "${className}" is not supported; supported are ${[...MODEL_CLASSES].join(', ')}`,
      { op: className },
    );
  }
  return className === 'Sequential' ? sequential(fields) : functional(fields);
}

function functional(fields: Fields): KerasModel {
  const config = fields.object('config');
  const name = config.string('name', 'model');
  const layers = new Map<string, KerasLayer>();
  for (const entry of config.array('layers')) {
    const layer = parseLayer(entry, `model "${name}"`);
    addLayer(layers, layer);
  }
  const [inputs, outputs] = [endsOf(config, 'input_layers'), endsOf(config, 'output_layers')];
  const shifts = callShifts(layers, outputs);
  const model: KerasModel = {
    name,
    layers: new Map([...layers].map(([key, layer]) => [key, shiftLayer(layer, shifts)])),
    inputs,
    outputs: outputs.map((tensor) => shift(tensor, shifts)),
  };
  checkReferences(model);
  return model;
}

/** Layers one after the other; the model's input is the first layer, or stands in front of it. */
function sequential(fields: Fields): KerasModel {
  const raw = fields.raw('config');
  const config = new Fields(Array.isArray(raw) ? { layers: raw } : raw, fields.where);
  const name = config.string('name', 'sequential');
  const layers = new Map<string, KerasLayer>();
  const entries = config.array('layers');
  let last: TensorOf | undefined;
  for (const [i, entry] of entries.entries()) {
    const layer = parseLayer(entry, `model "${name}"`, `layer_${i}`);
    if (last === undefined && layer.className !== 'InputLayer') {
      const shape = inputShapeOf(layer) ?? config.raw('build_input_shape');
      const input = inputLayer(`${layer.name}_input`, shape, layer.config.raw('dtype'));
      layers.set(input.name, input);
      last = { layer: input.name, call: 0, output: 0 };
    }
    const call: KerasCall = { inputs: last === undefined ? [] : [last], keywords: new Map() };
    addLayer(layers, { ...layer, calls: [call] });
    last = { layer: layer.name, call: 0, output: 0 };
  }
  const [first] = layers.keys();
  if (first === undefined || last === undefined) throw config.error('layers', 'at least one layer', []);
  return { name, layers, inputs: [{ layer: first, call: 0, output: 0 }], outputs: [last] };
}

/** The shape that a layer says its input has: its own, or that of the first layer of a nested model. */
function inputShapeOf({ config, model }: KerasLayer): Json | undefined {
  const own = config.raw('batch_input_shape') ?? config.raw('batch_shape');
  if (own !== undefined || model === null) return own;
  const inner = model.layers.get(model.inputs[0]?.layer ?? '');
  return inner === undefined ? undefined : inputShapeOf(inner);
}

function inputLayer(name: string, shape: Json | undefined, dtype: Json | undefined): KerasLayer {
  const config = { ...(shape !== undefined && { batch_input_shape: shape }), ...(dtype !== undefined && { dtype }) };
  return {
    name,
    className: 'InputLayer',
    config: new Fields(config, `layer "${name}" (InputLayer)`, { node: name, op: 'InputLayer' }),
    calls: [{ inputs: [], keywords: new Map() }],
    model: null,
  };
}

function parseLayer(json: Json, where: string, fallbackName?: string): KerasLayer {
  const fields = new Fields(json, `${where}: a layer`);
  const raw = fields.raw('config');
  const inner = isObject(raw) ? new Fields(raw, where) : null;
  const name = fields.has('name') ? fields.string('name') : (inner?.string('name', fallbackName) ?? fallbackName ?? '');
  if (name === '') throw fields.error('name', 'a name that is not empty', '');
  const className = classOf(fields);
  const place = { node: name, op: className };
  const label = `layer "${name}" (${className})`;
  const isModel = MODEL_CLASSES.has(className);
  const config = isModel && inner === null ? new Fields({}, label, place) : new Fields(raw, label, place);
  const calls = callsOf(fields.array('inbound_nodes', []), label);
  return {
    name,
    className,
    config,
    // Inputs are not called: they have one output of their own.
    calls: className === 'InputLayer' && calls.length === 0 ? [{ inputs: [], keywords: new Map() }] : calls,
    model: isModel ? parseModel(json, label) : null,
  };
}

function addLayer(layers: Map<string, KerasLayer>, layer: KerasLayer): void {
  if (layers.has(layer.name)) {
    throw new PathwiseError('BAD_FILE', `there are two layers called "${layer.name}"`, { node: layer.name });
  }
  layers.set(layer.name, layer);
}

/**
 * A nested model counts its own construction as call 0, so that its call sites are referred to from 1 on: where a
 * reference equals the number of calls listed, all references to the layer are one too large.
 */
function callShifts(layers: ReadonlyMap<string, KerasLayer>, outputs: readonly TensorOf[]): ReadonlySet<string> {
  const shifted = new Set<string>();
  const inner = [...layers.values()].flatMap((layer) => layer.calls.flatMap(tensorsOf));
  for (const { layer, call } of [...inner, ...outputs]) {
    if (call > 0 && call === layers.get(layer)?.calls.length) shifted.add(layer);
  }
  return shifted;
}

/** All tensors that a call reads. */
export function tensorsOf({ inputs, keywords }: KerasCall): TensorOf[] {
  return [...inputs, ...[...keywords.values()].flatMap((value) => (isTensors(value) ? value : []))];
}

/** Whether a keyword argument is a list of tensors. */
export function isTensors(value: readonly TensorOf[] | Json | undefined): value is readonly TensorOf[] {
  return Array.isArray(value) && value.length > 0 && value.every((part) => isObject(part) && 'output' in part);
}

function shift(tensor: TensorOf, shifts: ReadonlySet<string>): TensorOf {
  return shifts.has(tensor.layer) ? { ...tensor, call: tensor.call - 1 } : tensor;
}

function shiftLayer(layer: KerasLayer, shifts: ReadonlySet<string>): KerasLayer {
  const calls = layer.calls.map(({ inputs, keywords }) => ({
    inputs: inputs.map((tensor) => shift(tensor, shifts)),
    keywords: new Map(
      [...keywords].map(([key, value]) => [
        key,
        isTensors(value) ? value.map((tensor) => shift(tensor, shifts)) : value,
      ]),
    ),
  }));
  return { ...layer, calls };
}

function checkReferences({ name, layers, inputs, outputs }: KerasModel): void {
  const check = ({ layer, call }: TensorOf, by: string): void => {
    const calls = layers.get(layer)?.calls.length;
    if (calls === undefined) {
      throw new PathwiseError('BAD_FILE', `${by} refers to layer "${layer}", which model "${name}" does not have`, {
        node: layer,
      });
    }
    if (call < 0 || call >= calls) {
      throw new PathwiseError('BAD_FILE', `${by} refers to call ${call} of layer "${layer}", which has ${calls}`, {
        node: layer,
      });
    }
  };
  for (const layer of layers.values())
    for (const call of layer.calls) for (const tensor of tensorsOf(call)) check(tensor, `layer "${layer.name}"`);
  for (const tensor of inputs) check(tensor, `"input_layers" of model "${name}"`);
  for (const tensor of outputs) check(tensor, `"output_layers" of model "${name}"`);
}
