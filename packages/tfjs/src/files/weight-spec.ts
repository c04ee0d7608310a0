import { PathwiseError, sizeOf, type ErrorPlace, type Shape } from '@pathwise/model';
import { limitError, type TfjsLimits } from '../limits.ts';
import { Fields } from './fields.ts';
import type { Json } from './json.ts';

/** Types of weights once read. */
export type WeightType = 'float32' | 'int32' | 'bool' | 'string';
/** Types of weights as stored. */
export type StoredType = WeightType | 'float16' | 'uint8' | 'uint16';

/** One entry of the weights manifest. */
export interface WeightSpec {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: WeightType;
  readonly stored: StoredType;
  /** Of uint8 and uint16: value = q * scale + min. */
  readonly scale: number;
  readonly min: number;
}

/** Bytes of one element; strings have their lengths in the data. */
export const STORED_BYTES: Readonly<Record<Exclude<StoredType, 'string'>, number>> = {
  float32: 4,
  int32: 4,
  bool: 1,
  float16: 2,
  uint8: 1,
  uint16: 2,
};

const TYPES: readonly WeightType[] = ['float32', 'int32', 'bool', 'string'];

/**
 * Checks one entry of a manifest.
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED, UNSUPPORTED_OP for complex numbers
 */
export function weightSpec(json: Json, where: string, limits: Pick<TfjsLimits, 'tensorElements'>): WeightSpec {
  const name = new Fields(json, where).string('name');
  const place = { tensor: name };
  const fields = new Fields(json, `weight "${name}"`, place);
  const dtype = TYPES.find((type) => type === fields.string('dtype'));
  if (dtype === undefined) {
    const expected = `a type other than "${fields.string('dtype')}"; read are ${TYPES.join(', ')}`;
    throw new PathwiseError('UNSUPPORTED_OP', `weight "${name}": expected ${expected}`, place);
  }
  const shape = shapeOf(fields);
  const elements = sizeOf(shape);
  if (elements > limits.tensorElements) {
    const what = `weight "${name}" of shape [${shape.join(',')}]: ${elements} elements`;
    throw limitError('tensorElements', what, limits.tensorElements, place);
  }
  if (!fields.has('quantization')) return { name, shape, dtype, stored: dtype, scale: 1, min: 0 };
  return { name, shape, dtype, ...quantization(fields, dtype, place) };
}

function shapeOf(fields: Fields): number[] {
  return fields.array('shape').map((size) => {
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw fields.error('shape', 'whole numbers of at least 0', fields.raw('shape'));
    }
    return size;
  });
}

function quantization(
  fields: Fields,
  dtype: WeightType,
  place: ErrorPlace,
): Pick<WeightSpec, 'stored' | 'scale' | 'min'> {
  const how = new Fields(fields.raw('quantization'), `${fields.where}: quantization`, place);
  const stored = how.string('dtype');
  const isKnown = stored === 'uint8' || stored === 'uint16' || stored === 'float16';
  if (!isKnown) throw how.error('dtype', 'uint8, uint16 or float16', stored);
  if (dtype !== 'float32' && (dtype !== 'int32' || stored === 'float16')) {
    throw how.error('dtype', `no quantization of ${dtype}`, stored);
  }
  if (stored === 'float16') return { stored, scale: 1, min: 0 };
  return { stored, scale: how.number('scale'), min: how.number('min') };
}
