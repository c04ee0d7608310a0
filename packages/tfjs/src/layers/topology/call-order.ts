import { PathwiseError } from '@pathwise/model';
import type { KerasLayer, KerasModel } from './keras-model.ts';
import { tensorsOf } from './parse-model.ts';

/** A call of a layer, to be evaluated. */
export interface PlannedCall {
  readonly layer: KerasLayer;
  readonly call: number;
}

/** Key of the outputs of a call. */
export function callKey(layer: string, call: number): string {
  return `${call} ${layer}`;
}

/**
 * All calls of a model, each behind those that it reads. The order in the file says nothing.
 * @throws PathwiseError BAD_FILE for a cycle
 */
export function callOrder({ name, layers }: KerasModel): PlannedCall[] {
  const waiting = new Map<string, number>();
  const readers = new Map<string, PlannedCall[]>();
  const ready: PlannedCall[] = [];
  for (const layer of layers.values()) {
    for (const [call, { inputs, keywords }] of layer.calls.entries()) {
      const planned = { layer, call };
      const sources = new Set(tensorsOf({ inputs, keywords }).map((t) => callKey(t.layer, t.call)));
      if (sources.size === 0) ready.push(planned);
      else waiting.set(callKey(layer.name, call), sources.size);
      for (const source of sources) {
        const list = readers.get(source);
        if (list === undefined) readers.set(source, [planned]);
        else list.push(planned);
      }
    }
  }
  for (const done of ready) {
    for (const reader of readers.get(callKey(done.layer.name, done.call)) ?? []) {
      const key = callKey(reader.layer.name, reader.call);
      const left = (waiting.get(key) as number) - 1;
      waiting.set(key, left);
      if (left === 0) ready.push(reader);
    }
  }
  const total = [...layers.values()].reduce((sum, layer) => sum + layer.calls.length, 0);
  if (ready.length < total) {
    const stuck = [...layers.values()].find((layer) =>
      layer.calls.some((_, call) => (waiting.get(callKey(layer.name, call)) ?? 0) > 0),
    );
    const node = stuck?.name ?? '';
    throw new PathwiseError('BAD_FILE', `model "${name}": the inputs of layer "${node}" lead back to itself`, { node });
  }
  return ready;
}
