import { fileError } from '@pathwise/model';

/** One file of a zip archive, as its central directory describes it. */
export interface ZipEntry {
  readonly name: string;
  readonly compressed: boolean;
  readonly storedBytes: number;
  readonly bytes: number;
  /** Offset of the data in the archive. */
  readonly offset: number;
}

const END_OF_DIRECTORY = 0x06054b50;
const DIRECTORY_ENTRY = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const MAX_ENTRIES = 1024;
const ZIP64 = 0xffffffff;

/**
 * Lists a zip archive; every offset is checked against the file, no data are read. Archives of 4 GiB and more (zip64),
 * split or encrypted ones are refused.
 * @source APPNOTE.TXT, .ZIP File Format Specification 6.3, sections 4.3.7, 4.3.12, 4.3.16
 * @throws PathwiseError BAD_FILE
 */
export function listZip(bytes: Uint8Array, file: string): ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const need = (offset: number, length: number, what: string): void => {
    if (offset + length > bytes.length) throw fileError(file, `${what} lies beyond the end of the file`, { offset });
  };
  const end = endOfDirectory(view);
  if (end < 0) throw fileError(file, 'is not a zip archive, or is cut off (no directory at its end)', { offset: 0 });
  const count = view.getUint16(end + 10, true);
  if (count > MAX_ENTRIES) throw fileError(file, `${count} files, more than ${MAX_ENTRIES}`, { offset: end + 10 });
  const entries: ZipEntry[] = [];
  let at = view.getUint32(end + 16, true);
  for (let k = 0; k < count; k++) {
    need(at, 46, 'the zip directory');
    if (view.getUint32(at, true) !== DIRECTORY_ENTRY) throw fileError(file, 'damaged zip directory', { offset: at });
    const nameLength = view.getUint16(at + 28, true);
    const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
    need(at, next - at, 'the zip directory');
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength));
    const storedBytes = view.getUint32(at + 20, true);
    const size = view.getUint32(at + 24, true);
    const local = view.getUint32(at + 42, true);
    const method = view.getUint16(at + 10, true);
    const bad = (problem: string): Error => fileError(file, `"${name}" ${problem}`, { offset: at });
    if (view.getUint16(at + 8, true) & 1) throw bad('is encrypted');
    if (method !== 0 && method !== 8) throw bad(`uses compression method ${method}; only deflate is supported`);
    if (storedBytes === ZIP64 || size === ZIP64 || local === ZIP64) throw bad('is 4 GiB or larger (zip64)');
    need(local, 30, `"${name}"`);
    if (view.getUint32(local, true) !== LOCAL_HEADER) throw bad('has a damaged local header');
    const offset = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
    need(offset, storedBytes, `"${name}"`);
    if (method === 0 && size !== storedBytes) throw bad('states two different sizes');
    entries.push({ name, compressed: method === 8, storedBytes, bytes: size, offset });
    at = next;
  }
  return entries;
}

/** The end record is the last 22 bytes, or up to 65535 earlier when a comment follows. */
function endOfDirectory(view: DataView): number {
  for (let at = view.byteLength - 22; at >= Math.max(0, view.byteLength - 22 - 0xffff); at--) {
    if (view.getUint32(at, true) === END_OF_DIRECTORY) return at;
  }
  return -1;
}
