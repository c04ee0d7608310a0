import { PathwiseError } from '@pathwise/model';
import type { Fields } from '../files/fields.ts';
import type { Json } from '../files/json.ts';
import type { Writer } from '../files/writer.ts';
import type { DataFormat } from '../layout/convolution.ts';
import type { LayoutBuilder, LayoutValue } from '../layout/layout-builder.ts';
import type { LayerWeights } from './layer-weights.ts';

/** One call of a layer, while the graph is built. */
export interface LayerCall {
  readonly name: string;
  readonly className: string;
  readonly config: Fields;
  /** Positional tensors. */
  readonly inputs: readonly LayoutValue[];
  /** Of each input: which steps count, bool [1, steps]; null: all. */
  readonly masks: readonly (LayoutValue | null)[];
  /** Tensors of keyword arguments. */
  readonly keywords: ReadonlyMap<string, readonly LayoutValue[] | Json>;
  readonly weights: LayerWeights;
  readonly l: LayoutBuilder;
  readonly writer: Writer;
  /** Says something about the model that its user should know; each once. */
  warn(code: string, message: string): void;
  /** Applies a layer of a class with a configuration: wrapped layers, and activations that are layers. */
  apply(
    className: string,
    config: Fields,
    changes: Partial<Pick<LayerCall, 'inputs' | 'masks' | 'weights'>>,
  ): LayerResult;
}

/** What a call gives: its outputs, and the mask of the first. */
export interface LayerResult {
  readonly outputs: readonly LayoutValue[];
  /** null: the layer lost the mask. */
  readonly mask: LayoutValue | null;
}

/** How a class of layers becomes part of a graph. */
export type LayerRule = (call: LayerCall) => LayerResult;

/** A layer of one input and output that lets a mask through. */
export function keepsMask(rule: (call: LayerCall, x: LayoutValue) => LayoutValue): LayerRule {
  return (call) => ({ outputs: [rule(call, onlyInput(call))], mask: call.masks[0] ?? null });
}

/** A layer of one input and output behind which no mask is known. */
export function dropsMask(rule: (call: LayerCall, x: LayoutValue) => LayoutValue): LayerRule {
  return (call) => ({ outputs: [rule(call, onlyInput(call))], mask: null });
}

/** @throws PathwiseError BAD_FILE unless there is exactly one input */
export function onlyInput(call: LayerCall): LayoutValue {
  const [x] = call.inputs;
  if (x === undefined || call.inputs.length > 1) throw badCall(call, `one input, got ${call.inputs.length}`);
  return x;
}

/** The error for a call that does not fit the layer. */
export function badCall({ name, className }: Pick<LayerCall, 'name' | 'className'>, expected: string): PathwiseError {
  return new PathwiseError('BAD_FILE', `layer "${name}" (${className}): expected ${expected}`, {
    node: name,
    op: className,
  });
}

/** The error for an input of a shape that the layer does not take. */
export function badShape(
  call: Pick<LayerCall, 'name' | 'className'>,
  expected: string,
  shape: readonly number[],
): PathwiseError {
  const { name, className } = call;
  return new PathwiseError(
    'BAD_SHAPE',
    `layer "${name}" (${className}): expected ${expected}, got shape [${shape.join(',')}]`,
    { node: name, op: className },
  );
}

/** The error for a setting that is not supported. */
export function unsupportedSetting(
  { name, className }: Pick<LayerCall, 'name' | 'className'>,
  setting: string,
  supported: string,
): PathwiseError {
  const text = `layer "${name}" (${className}): ${setting} is not supported`;
  return new PathwiseError('UNSUPPORTED_OP', supported === '' ? text : `${text}; supported: ${supported}`, {
    node: name,
    op: className,
  });
}

/** One of a few words. */
export function choice<T extends string>(call: LayerCall, key: string, words: readonly T[], absent?: T): T {
  const given = call.config.string(key, absent);
  const word = words.find((known) => known === given);
  if (word === undefined) throw unsupportedSetting(call, `${key} = "${given}"`, words.join(', '));
  return word;
}

/** Whole numbers for each of `count` axes: one for all, or a list. */
export function wholeNumbers(
  call: LayerCall,
  key: string,
  count: number,
  absent?: number,
  least: number = 1,
): number[] {
  const { config } = call;
  const json = config.raw(key) ?? absent;
  const list = Array.isArray(json) ? (json as readonly Json[]) : [json];
  const full = list.length === 1 ? new Array<Json | undefined>(count).fill(list[0]) : list;
  if (full.length !== count || !full.every((n) => typeof n === 'number' && Number.isSafeInteger(n) && n >= least)) {
    throw config.error(key, `${count} whole numbers of at least ${least}`, json);
  }
  return full as number[];
}

/** Axes from a number or a list, as positive numbers. */
export function axesOf(call: LayerCall, key: string, rank: number, absent: number): number[] {
  const json = call.config.raw(key) ?? absent;
  const list = Array.isArray(json) ? (json as readonly Json[]) : [json];
  return list.map((axis) => {
    if (typeof axis !== 'number' || !Number.isInteger(axis) || axis < -rank || axis >= rank) {
      throw call.config.error(key, `an axis of a tensor of ${rank} axes`, json);
    }
    return axis < 0 ? axis + rank : axis;
  });
}

/** `data_format` of an image. */
export function dataFormat(call: LayerCall): DataFormat {
  const word = choice(call, 'data_format', ['channels_last', 'channels_first'], 'channels_last');
  return word === 'channels_last' ? 'channels-last' : 'channels-first';
}

/** Axes of the sizes of an image as written: all but the batch and the channels. */
export function spatialAxes(rank: number, format: DataFormat): number[] {
  const first = format === 'channels-last' ? 1 : 2;
  return Array.from({ length: rank - 2 }, (_, i) => first + i);
}

/** A weight as a value of the graph. */
export function weight(call: LayerCall, variables: string | readonly string[], rank?: number): LayoutValue {
  return call.l.constant(call.weights.get(variables, rank).tensor);
}

/** The value in floats: integer inputs of layers that compute. */
export function floats({ l }: LayerCall, x: LayoutValue): LayoutValue {
  return l.isFloat(x) ? x : l.emit('Cast', [x.ref], { to: 'float32' }, x.layout);
}
