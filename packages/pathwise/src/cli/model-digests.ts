import { createHash } from 'node:crypto';
import { host } from '#host';

/** Which file was read: its path and the SHA-256 of its bytes, in hexadecimal. */
export interface FileDigest {
  readonly path: string;
  readonly sha256: string;
}

/** Reads files and notes what was read. */
export interface NotingReader {
  readonly readFile: (path: string, maxBytes?: number) => Promise<Uint8Array>;
  /** What was read so far, in the order of reading. */
  digests(): readonly FileDigest[];
}

/** A reader for a model's files: a certificate says what it was made for. */
export function notingReader(): NotingReader {
  const read: FileDigest[] = [];
  return {
    async readFile(path, maxBytes): Promise<Uint8Array> {
      const bytes = await host.readFile(path, maxBytes);
      read.push({ path, sha256: createHash('sha256').update(bytes).digest('hex') });
      return bytes;
    },
    digests: () => [...read],
  };
}
