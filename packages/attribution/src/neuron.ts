import { argumentError, sizeOf, stridesOf, type Shape } from '@pathwise/model';
import type { Context } from './context.ts';
import type { NeuronSelector } from './request.ts';
import type { ResolvedTarget } from './target.ts';

/** Elements of one row of a layer. */
export interface SelectedNeurons {
  /** 1 where selected, row-major. */
  readonly weights: Float64Array;
  /** `conv1[1,4,4]`, `conv1[1,:,:]`. */
  readonly description: string;
}

/**
 * Elements of a layer's row from one entry per axis: an index, negative from the end, or a slice `a:b`.
 * @throws PathwiseError BAD_ARGUMENT if the entries do not fit the row
 */
export function selectNeurons(layer: string, shape: Shape, selector: NeuronSelector): SelectedNeurons {
  const entries = typeof selector === 'string' ? selector.replaceAll(/[[\]\s]/g, '').split(',') : selector;
  const expected = `${shape.length} indices or slices into a row of "${layer}" of shape [${shape.join(',')}]`;
  if (entries.length !== shape.length) throw argumentError('neuron', 'selector', expected, [...entries]);
  const ranges = entries.map((entry, axis) => rangeOf(entry, shape[axis]));
  if (ranges.includes(null)) throw argumentError('neuron', 'selector', expected, [...entries]);
  const strides = stridesOf(shape);
  const weights = new Float64Array(sizeOf(shape));
  for (let at = 0; at < weights.length; at++) {
    const inside = ranges.every((range, axis) => {
      const place = Math.floor(at / strides[axis]) % shape[axis];
      return range !== null && place >= range.from && place < range.to;
    });
    if (inside) weights[at] = 1;
  }
  return { weights, description: `${layer}[${entries.map(String).join(',')}]` };
}

/** The scalar that neuron methods explain: the sum of the selected elements of the one layer. */
export function neuronTarget({
  method,
  layers,
  layerValues,
  request,
  rows,
}: Context): ResolvedTarget & { readonly layer: string } {
  const [layer] = layers as [string];
  if (layers.length !== 1) throw argumentError(method, 'layer', 'one tensor', [...layers]);
  if (request.neuron === undefined) {
    const shape = layerValues[layer].shape.slice(1);
    throw argumentError(
      method,
      'neuron',
      `${shape.length} indices into a row of shape [${shape.join(',')}]`,
      'nothing',
    );
  }
  const { weights, description } = selectNeurons(layer, layerValues[layer].shape.slice(1), request.neuron);
  return {
    layer,
    objective: { tensor: layer, rows: Array.from({ length: rows }, () => ({ kind: 'linear' as const, weights })) },
    descriptions: Array.from({ length: rows }, () => description),
  };
}

function rangeOf(entry: number | string, length: number): { from: number; to: number } | null {
  const text = String(entry);
  const resolve = (part: string, otherwise: number): number => {
    if (part === '') return otherwise;
    const value = Number(part);
    return value < 0 ? value + length : value;
  };
  const parts = text.split(':');
  const from = resolve(parts[0], parts.length === 1 ? NaN : 0);
  const to = parts.length === 1 ? from + 1 : resolve(parts[1], length);
  const fits =
    parts.length <= 2 && Number.isInteger(from) && Number.isInteger(to) && from >= 0 && from < to && to <= length;
  return fits ? { from, to } : null;
}
