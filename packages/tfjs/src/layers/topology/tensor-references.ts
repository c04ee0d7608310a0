import { PathwiseError } from '@pathwise/model';
import { Fields, show } from '../../files/fields.ts';
import { isObject, type Json } from '../../files/json.ts';
import type { KerasCall, TensorOf } from './keras-model.ts';

/** ["layer", node, tensor], with or without keyword arguments behind. */
export function isTriple(json: Json | undefined): json is readonly [string, number, number, ...Json[]] {
  return (
    Array.isArray(json) &&
    typeof json[0] === 'string' &&
    isIndex(json[1]) &&
    isIndex(json[2]) &&
    (json.length === 3 || (json.length === 4 && isObject(json[3])))
  );
}

/**
 * `input_layers` or `output_layers`: a triple, a list of triples, or an object of them in the order of its sorted keys.
 * @throws PathwiseError BAD_FILE
 */
export function endsOf(config: Fields, key: 'input_layers' | 'output_layers'): TensorOf[] {
  const json = config.raw(key);
  const found: TensorOf[] = [];
  const walk = (value: Json | undefined): void => {
    if (isTriple(value)) found.push(ofTriple(value));
    else if (Array.isArray(value)) value.forEach(walk);
    else if (isObject(value)) {
      for (const name of Object.keys(value).sort()) walk(value[name]);
    } else throw config.error(key, 'triples [layer, node, tensor]', json);
  };
  walk(json);
  return found;
}

/**
 * The calls of a layer from its `inbound_nodes`, of Keras 2 (lists of triples) or of Keras 3 (args and kwargs).
 * @throws PathwiseError BAD_FILE
 */
export function callsOf(nodes: readonly Json[], where: string): KerasCall[] {
  return nodes.filter((node) => !(Array.isArray(node) && node.length === 0)).map((node) => callOf(node, where));
}

function callOf(node: Json, where: string): KerasCall {
  if (isObject(node)) return keras3Call(new Fields(node, `${where}: inbound_nodes`), where);
  if (isTriple(node)) return keras2Call([node], where);
  if (Array.isArray(node)) return keras2Call(node as readonly Json[], where);
  throw badCall(node, where);
}

function keras2Call(triples: readonly Json[], where: string): KerasCall {
  const inputs: TensorOf[] = [];
  const keywords = new Map<string, readonly TensorOf[] | Json>();
  for (const triple of triples) {
    if (!isTriple(triple)) throw badCall(triple, where);
    inputs.push(ofTriple(triple));
    for (const [name, value] of Object.entries((triple[3] ?? {}) as Record<string, Json>)) {
      if (value === null) continue;
      if (isTriple(value)) keywords.set(name, [ofTriple(value)]);
      else if (Array.isArray(value) && value.length > 0 && value.every(isTriple))
        keywords.set(name, value.map(ofTriple));
      else keywords.set(name, value);
    }
  }
  return { inputs, keywords };
}

function keras3Call(fields: Fields, where: string): KerasCall {
  const keywords = new Map<string, readonly TensorOf[] | Json>();
  for (const [name, value] of Object.entries((fields.raw('kwargs') ?? {}) as Record<string, Json>)) {
    if (value === null) continue;
    const tensors = kerasTensors(value, where);
    keywords.set(name, tensors.length > 0 ? tensors : value);
  }
  return { inputs: kerasTensors(fields.array('args'), where), keywords };
}

/** The tensors anywhere inside an argument, in order. */
function kerasTensors(json: Json, where: string): TensorOf[] {
  if (Array.isArray(json)) return json.flatMap((part: Json) => kerasTensors(part, where));
  if (!isObject(json)) return [];
  if (json['class_name'] !== '__keras_tensor__')
    return Object.values(json).flatMap((part) => kerasTensors(part, where));
  const history = new Fields(json, where).object('config').array('keras_history');
  if (!isTriple(history)) throw badCall(history, where);
  return [ofTriple(history)];
}

function ofTriple([layer, call, output]: readonly [string, number, number, ...Json[]]): TensorOf {
  return { layer, call, output };
}

function isIndex(value: Json | undefined): boolean {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}

function badCall(json: Json, where: string): PathwiseError {
  return new PathwiseError('BAD_FILE', `${where}: expected a call [layer, node, tensor], got ${show(json)}`);
}
