import {
  argumentError,
  isFloat,
  PathwiseError,
  rowsOf,
  sizeOf,
  toFloat64,
  type DifferentiableModel,
  type Feeds,
  type InputInfo,
  type Params,
  type Structure,
  type Tensor,
} from '@pathwise/model';
import { objectiveValue, type EvaluationOptions } from './evaluate/points.ts';
import { concatRows, gatherRows } from './evaluate/rows.ts';
import type { AttributionRequest } from './request.ts';
import type { Source } from './source.ts';
import { rowShape } from './evaluate/affine-prefix.ts';
import { choosesByOutput, resolveTarget, type ResolvedTarget } from './target.ts';
import { withRowAxes } from './whole-inputs.ts';

/** A request made definite: what a method gets. */
export interface Context {
  readonly method: string;
  readonly model: DifferentiableModel;
  readonly request: AttributionRequest;
  readonly params: Params;
  readonly rows: number;
  readonly structure: Structure;
  /** Attributed tensors at the input. */
  readonly sources: readonly Source[];
  /** All inputs of the model at x, the first axis counting rows. */
  readonly inputs: Feeds;
  /** The target of the request. */
  readonly target: ResolvedTarget;
  /** F(x), one a row; empty where the method evaluates it. */
  readonly outputAtInput: readonly number[];
  /** Layers that the request names. */
  readonly layers: readonly string[];
  /** Values at the input of the layers; shape [rows, ...]. */
  readonly layerValues: Readonly<Record<string, Tensor>>;
  readonly evaluation: EvaluationOptions;
  /** Notes on the output, for warnings. */
  readonly note: string | undefined;
}

const DEFAULT_MAX_BYTES = 512 * 2 ** 20;

/** What the method wants to know at the input: evaluated together, once. */
export interface Wants {
  /** The method explains the target. */
  readonly target: boolean;
  /** F(x), whether or not the target depends on it. Default true. */
  readonly output?: boolean;
  readonly layer: boolean;
  /** Gradients with respect to inputs or embeddings. */
  readonly sources: boolean;
  /** Explain logits unless the request names a scale. */
  readonly logits: boolean;
}

/**
 * Checks inputs and names, and evaluates the model once at the input.
 * @throws PathwiseError BAD_ARGUMENT, BAD_SHAPE for what does not fit the model
 */
export async function prepare(
  method: string,
  given: DifferentiableModel,
  request: AttributionRequest,
  params: Params,
  wants: Wants,
): Promise<Context> {
  const model = withRowAxes(given);
  const { inputs, rows } = checkInputs(model, request.inputs);
  const attributed = attributedInputs(model, request.constants ?? []);
  if (wants.sources && attributed.length === 0) {
    throw new PathwiseError('BAD_ARGUMENT', `${method}: no input is left to attribute: all are constant or not float`);
  }
  const maxBytes = request.maxBytes ?? DEFAULT_MAX_BYTES;
  if (!(maxBytes > 0)) throw argumentError(method, 'maxBytes', 'a number above 0', maxBytes);
  const evaluation = { maxBytes, signal: request.signal, onProgress: request.onProgress };
  if (request.maxBytes !== undefined) checkBudget(method, model.bytesPerRow(firstRow(inputs)), maxBytes);
  const scale = request.scale ?? (wants.logits ? 'logit' : undefined);
  const { tensor, note } = model.outputTensor(request.output, scale, inputs);
  const structure = model.structure(inputs);
  const layers = wants.layer ? layerNames(method, request, structure) : [];
  const embeddings = attributed.flatMap(({ dtype, attributedAt }) => (isFloat(dtype) ? [] : [attributedAt as string]));
  const known = request.known ?? {};
  const wanted = [...new Set([tensor, ...embeddings, ...layers])].filter(
    (wantedName) => known[wantedName] === undefined,
  );
  const shape = rowShape(structure.tensor(tensor)?.shape);
  const { target: asked = 'top1' } = request;
  const isLate = wants.output === false && String(wanted) === tensor && shape !== undefined && !choosesByOutput(asked);
  const at = {
    ...known,
    ...(wanted.length > 0 && !isLate ? await forwardRows(model, inputs, rows, wanted, evaluation) : {}),
  };
  const sources = attributed.map((input) => sourceOf(input, inputs, at, rows));
  // A target that does not depend on the output looks at its shape.
  const output = isLate ? zerosOf([rows, ...shape]) : at[tensor];
  const name = request.output ?? model.outputs[0]?.name ?? tensor;
  const label = request.scale === undefined || request.scale === 'logit' ? name : `${request.scale} of ${name}`;
  // Methods that do not look at the target still report F(x); they must not fail for want of a target.
  const otherwise = wants.target || output.shape.length <= 2 ? 'top1' : 'sum';
  const target = resolveTarget(request.target ?? otherwise, label, tensor, output);
  const outputAtInput = isLate
    ? []
    : target.objective.rows.map((row, i) => objectiveValue(row, toFloat64(rowsOf(output, i, i + 1).data)));
  return {
    method,
    model,
    request,
    params,
    rows,
    structure,
    sources,
    inputs,
    target,
    outputAtInput,
    layers,
    layerValues: Object.fromEntries(layers.map((layer) => [layer, at[layer]])),
    evaluation,
    note,
  };
}

function zerosOf(shape: readonly number[]): Tensor {
  return { dtype: 'float32', shape, data: new Float32Array(sizeOf(shape)) };
}

/** One path point must fit the budget that was asked for. */
function checkBudget(method: string, needed: number, maxBytes: number): void {
  if (needed <= maxBytes) return;
  throw new PathwiseError(
    'BUDGET',
    `${method}: a gradient of one row takes about ${needed} bytes, maxBytes is ${maxBytes}. Raise it`,
  );
}

function firstRow(feeds: Feeds): Feeds {
  return Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, rowsOf(t, 0, 1)]));
}

/** Values of tensors for all rows, evaluated a budget's worth at a time. */
export async function forwardRows(
  model: DifferentiableModel,
  feeds: Feeds,
  rows: number,
  wanted: readonly string[],
  { maxBytes, signal }: EvaluationOptions,
): Promise<Record<string, Tensor>> {
  const take = (start: number, end: number): Feeds =>
    Object.fromEntries(Object.entries(feeds).map(([name, t]) => [name, t.shape[0] === 1 ? t : rowsOf(t, start, end)]));
  const tile = Math.max(1, Math.floor(maxBytes / 2 / Math.max(1, model.bytesPerRow(firstRow(feeds)))));
  if (tile >= rows) return model.forward(feeds, wanted, { signal });
  const parts: Record<string, Tensor>[] = [];
  for (let start = 0; start < rows; start += tile) {
    parts.push(await model.forward(take(start, Math.min(rows, start + tile)), wanted, { signal }));
  }
  return Object.fromEntries(wanted.map((name) => [name, concatRows(parts.map((part) => part[name]))]));
}

/** Inputs with the first axis counting rows, one row where an input is shared. */
function checkInputs(model: DifferentiableModel, given: Feeds): { inputs: Feeds; rows: number } {
  const names = model.inputs.map(({ name }) => name);
  const unknown = Object.keys(given).find((name) => !names.includes(name));
  if (unknown !== undefined) {
    throw argumentError('inputs', 'input name', `one of ${names.join(', ')}`, unknown);
  }
  const inputs: Record<string, Tensor> = {};
  let rows = 1;
  for (const { name, batched, shape, dtype } of model.inputs) {
    const t = given[name];
    if (t === undefined) {
      throw argumentError(
        'inputs',
        `input "${name}"`,
        `${dtype} [${shape.join(',')}]`,
        'nothing',
        'Every input is needed',
      );
    }
    inputs[name] = batched ? t : { ...t, shape: [1, ...t.shape] };
    const own = inputs[name].shape[0] ?? 0;
    if (own !== 1 && rows !== 1 && own !== rows) {
      throw argumentError('inputs', `rows of "${name}"`, `${rows}, as other inputs have`, own);
    }
    if (own !== 1) rows = own;
  }
  if (rows === 0) throw argumentError('inputs', 'rows', 'at least one', 0);
  return { inputs, rows };
}

function attributedInputs(model: DifferentiableModel, constants: readonly string[]): readonly InputInfo[] {
  const names = model.inputs.map(({ name }) => name);
  const unknown = constants.find((name) => !names.includes(name));
  if (unknown !== undefined) throw argumentError('constants', 'input name', `one of ${names.join(', ')}`, unknown);
  return model.inputs.filter(({ name, attributedAt }) => attributedAt !== null && !constants.includes(name));
}

function sourceOf(
  { name, dtype, attributedAt, batched, channelsLast = false }: InputInfo,
  inputs: Feeds,
  at: Readonly<Record<string, Tensor>>,
  rows: number,
): Source {
  const isIds = !isFloat(dtype);
  const own = attributedAt as string;
  const t = isIds ? at[own] : inputs[name];
  const shape = t.shape.slice(1);
  const expand = (from: Tensor): Float64Array =>
    toFloat64(from.shape[0] === rows ? from.data : gatherRows(from, new Array<number>(rows).fill(0)).data);
  return {
    input: name,
    name: own,
    shape,
    size: sizeOf(shape),
    values: expand(t),
    ids: isIds ? { values: expand(inputs[name]), shape: inputs[name].shape.slice(1) } : null,
    batched: batched || isIds,
    channelAxis: channelsLast ? shape.length - 1 : 0,
  };
}

function layerNames(method: string, { layer }: AttributionRequest, structure: Structure): readonly string[] {
  const layers = layer === undefined ? [] : typeof layer === 'string' ? [layer] : layer;
  if (layers.length === 0) {
    throw argumentError(method, 'layer', 'the name of a tensor of the model', 'nothing', 'pathwise inspect lists them');
  }
  for (const name of layers) {
    const type = structure.tensor(name);
    if (type === undefined) {
      const similar = structure.tensors.filter((t) => t.includes(name) || name.includes(t)).slice(0, 5);
      const list = (similar.length > 0 ? similar : structure.tensors.slice(0, 8)).join(', ');
      throw argumentError(method, 'layer', `the name of a tensor (for example ${list})`, name);
    }
    if (!isFloat(type.dtype))
      throw argumentError(method, 'layer', 'a floating-point tensor', `${name} of ${type.dtype}`);
  }
  return layers;
}
