import {
  fileError,
  float16ToNumber,
  PathwiseError,
  sizeOf,
  stridesOf,
  toFloat64,
  type DType,
  type Shape,
  type Tensor,
  type TensorData,
} from '@pathwise/model';
import { checkedSize, DEFAULT_LIMITS, type FileLimits } from './limits.ts';

const MAGIC = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // \x93NUMPY
const MAX_HEADER_BYTES = 1 << 16;
const MAX_RANK = 32;

/** Elements as they lie in a file, by NumPy's type code; f2 is widened. */
const TYPES: Readonly<Record<string, { dtype: DType; bytes: number; array: new (buffer: ArrayBuffer) => TensorData }>> =
  {
    f4: { dtype: 'float32', bytes: 4, array: Float32Array },
    f8: { dtype: 'float64', bytes: 8, array: Float64Array },
    f2: { dtype: 'float32', bytes: 2, array: Uint16Array },
    i1: { dtype: 'int8', bytes: 1, array: Int8Array },
    i2: { dtype: 'int16', bytes: 2, array: Int16Array },
    i4: { dtype: 'int32', bytes: 4, array: Int32Array },
    i8: { dtype: 'int64', bytes: 8, array: BigInt64Array },
    u1: { dtype: 'uint8', bytes: 1, array: Uint8Array },
    u2: { dtype: 'uint16', bytes: 2, array: Uint16Array },
    u4: { dtype: 'uint32', bytes: 4, array: Uint32Array },
    u8: { dtype: 'uint64', bytes: 8, array: BigUint64Array },
    b1: { dtype: 'bool', bytes: 1, array: Uint8Array },
  };

/**
 * Reads a NumPy array file, versions 1 to 3, either byte order, C or Fortran order; float16 is widened to float32.
 *
 * @param file - its name, for messages
 * @throws PathwiseError BAD_FILE with the offset, LIMIT_EXCEEDED
 * @source NEP 1, A Simple File Format for NumPy Arrays; numpy.lib.format
 */
export function readNpy(bytes: Uint8Array, file: string, limits: FileLimits = DEFAULT_LIMITS): Tensor {
  const { descr, fortran, shape, dataOffset } = readHeader(bytes, file);
  const type = TYPES[descr.slice(1)];
  if (type === undefined || !'<>|='.includes(descr[0] ?? ' ')) {
    throw fileError(
      file,
      `elements of type "${descr}" are not supported`,
      { offset: 0 },
      'Save as float16, float32, float64, an integer type or bool',
    );
  }
  const size = checkedSize(file, shape, limits, dataOffset);
  const present = bytes.length - dataOffset;
  if (present !== size * type.bytes) {
    throw fileError(
      file,
      `shape [${shape.join(',')}] of "${descr}" needs ${size * type.bytes} bytes of data, the file has ${present}`,
      { offset: dataOffset },
    );
  }
  // Not slice(): that of a Node Buffer shares the buffer of a whole pool.
  const copy = new Uint8Array(bytes.subarray(dataOffset)).buffer;
  if (descr.startsWith('>')) reverseBytes(new Uint8Array(copy), type.bytes);
  const stored = new type.array(copy);
  const data = descr.endsWith('f2') ? Float32Array.from(stored as Uint16Array, float16ToNumber) : stored;
  if (type.dtype === 'bool') for (let i = 0; i < data.length; i++) data[i] = data[i] === 0 ? 0 : 1;
  return { dtype: type.dtype, shape, data: fortran && shape.length > 1 ? fromFortranOrder(data, shape) : data };
}

/** A NumPy array file, version 1, little-endian float32 in C order. */
export function writeNpy({ shape, data }: Tensor): Uint8Array {
  const tuple = shape.length === 1 ? `(${shape[0]},)` : `(${shape.join(', ')})`;
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': ${tuple}, }`;
  // Data start at a multiple of 64 bytes, the header ends with a newline.
  const headerBytes = Math.ceil((10 + text.length + 1) / 64) * 64;
  const file = new Uint8Array(headerBytes + 4 * data.length);
  file.set(MAGIC);
  file.set([1, 0, (headerBytes - 10) & 0xff, (headerBytes - 10) >> 8], 6);
  file.set(new TextEncoder().encode(text.padEnd(headerBytes - 11) + '\n'), 10);
  const values = data instanceof Float32Array ? data : Float32Array.from(toFloat64(data));
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), headerBytes);
  return file;
}

interface Header {
  readonly descr: string;
  readonly fortran: boolean;
  readonly shape: Shape;
  readonly dataOffset: number;
}

function readHeader(bytes: Uint8Array, file: string): Header {
  if (bytes.length < 10 || MAGIC.some((byte, i) => bytes[i] !== byte)) {
    throw fileError(file, 'is not a .npy file (it does not start with the NumPy signature)', { offset: 0 });
  }
  const version = bytes[6] as number;
  if (version < 1 || version > 3) throw fileError(file, `.npy version ${version} is unknown`, { offset: 6 });
  const start = version === 1 ? 10 : 12;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < start) throw fileError(file, 'the header is cut off', { offset: bytes.length });
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MAX_HEADER_BYTES || start + length > bytes.length) {
    throw fileError(file, `a header of ${length} bytes is longer than the file or than ${MAX_HEADER_BYTES}`, {
      offset: 8,
    });
  }
  const text = new TextDecoder('utf-8').decode(bytes.subarray(start, start + length));
  const bad = (what: string): PathwiseError => fileError(file, `the header has ${what}`, { offset: start });
  const descr = /'descr'\s*:\s*'([^']{1,16})'/.exec(text)?.[1];
  if (descr === undefined) throw bad('no simple element type ("descr")');
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  if (order === undefined) throw bad('no "fortran_order"');
  const tuple = /'shape'\s*:\s*\(([\d,\sL]*)\)/.exec(text)?.[1];
  if (tuple === undefined) throw bad('no "shape"');
  const sizes = tuple.split(',').map((entry) => entry.trim().replace(/L$/, ''));
  if (sizes.at(-1) === '') sizes.pop();
  const shape = sizes.map(Number);
  if (sizes.includes('') || !shape.every(Number.isSafeInteger)) throw bad(`an unreadable shape (${tuple})`);
  if (shape.length > MAX_RANK) throw bad(`${shape.length} axes, more than ${MAX_RANK}`);
  return { descr, fortran: order === 'True', shape, dataOffset: start + length };
}

function reverseBytes(bytes: Uint8Array, width: number): void {
  for (let start = 0; start < bytes.length; start += width) bytes.subarray(start, start + width).reverse();
}

/** Column-major to row-major: walks the result in order and counts the indices up like an odometer. */
function fromFortranOrder(data: TensorData, shape: Shape): TensorData {
  const out = data.slice();
  const steps = stridesOf([...shape].reverse()).reverse();
  const index = new Array<number>(shape.length).fill(0);
  let at = 0;
  for (let i = 0; i < sizeOf(shape); i++) {
    out[i] = data[at] as never;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      at += steps[axis] as number;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      at -= (steps[axis] as number) * (shape[axis] as number);
      index[axis] = 0;
    }
  }
  return out;
}
