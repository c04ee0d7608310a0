import { PathwiseError } from '@pathwise/model';
import type { TensorProto } from '../wire/messages.ts';

/** Gives the bytes of a file beside the model; `location` is its relative path, already checked. */
export type ExternalDataReader = (location: string) => Uint8Array;

const EXTERNAL = 1;

export function isExternal(proto: TensorProto): boolean {
  return proto.dataLocation === EXTERNAL;
}

/**
 * The relative path of the file that holds a tensor.
 * @throws PathwiseError BAD_FILE for a path that leaves the model's folder
 */
export function locationOf(proto: TensorProto): string {
  const location = entryOf(proto, 'location');
  const name = proto.name ?? '';
  if (location === undefined || location === '') {
    throw new PathwiseError('BAD_FILE', `tensor "${name}": its external data have no location`, { tensor: name });
  }
  const parts = location.split('/');
  const leaves = location.includes('\\') || location.includes('\0') || /^[a-z][a-z0-9+.-]*:/i.test(location);
  if (leaves || parts.includes('..') || parts.includes('')) {
    throw new PathwiseError(
      'BAD_FILE',
      `tensor "${name}": external data at "${location}", which is not a path inside the model's folder`,
      { tensor: name },
    );
  }
  return location;
}

/** The bytes of a tensor whose data lie in another file; exactly `bytes` of them. */
export function externalBytes(proto: TensorProto, bytes: number, read: ExternalDataReader | undefined): Uint8Array {
  const location = locationOf(proto);
  const name = proto.name ?? '';
  if (read === undefined) {
    throw new PathwiseError(
      'BAD_FILE',
      `tensor "${name}": its data lie in another file, "${location}". Give the option externalData, which returns the bytes of that file`,
      { tensor: name, file: location },
    );
  }
  const offset = integerEntry(proto, 'offset') ?? 0;
  const length = integerEntry(proto, 'length') ?? bytes;
  if (length !== bytes) {
    throw new PathwiseError(
      'BAD_FILE',
      `tensor "${name}": shape [${proto.dims.join(',')}] needs ${bytes} bytes, its external data have ${length}`,
      { tensor: name, file: location },
    );
  }
  const file = read(location);
  if (offset + length > file.length) {
    throw new PathwiseError(
      'BAD_FILE',
      `tensor "${name}": bytes ${offset} to ${offset + length} of "${location}" are asked for, which has ${file.length}`,
      { tensor: name, file: location, offset },
    );
  }
  return file.subarray(offset, offset + length);
}

function entryOf(proto: TensorProto, key: string): string | undefined {
  return proto.externalData.find((entry) => entry.key === key)?.value;
}

function integerEntry(proto: TensorProto, key: string): number | undefined {
  const text = entryOf(proto, key);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) {
    throw new PathwiseError('BAD_FILE', `tensor "${proto.name ?? ''}": ${key} of external data is "${text}"`, {
      tensor: proto.name ?? '',
    });
  }
  return value;
}
