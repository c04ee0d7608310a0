import { open } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { fileError, PathwiseError } from '@pathwise/model';
import { fetchFile } from './fetch-file.ts';
import type { Host } from './host.ts';

/** Files up to this size are read into memory. */
const MAX_FILE_BYTES = 2 ** 31 - 1;

export const host: Host = {
  async readFile(path, maxBytes = MAX_FILE_BYTES) {
    if (/^https?:/i.test(path)) return fetchFile(path, maxBytes);
    const file = path.startsWith('file:') ? fileURLToPath(path) : path;
    try {
      const handle = await open(file, 'r');
      try {
        const stat = await handle.stat();
        if (stat.isDirectory()) throw fileError(file, 'is a folder');
        if (stat.size > maxBytes) {
          throw new PathwiseError('LIMIT_EXCEEDED', `${file}: ${stat.size} bytes, more than the ${maxBytes} allowed`, {
            file,
          });
        }
        const bytes = await handle.readFile();
        return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
      } finally {
        await handle.close();
      }
    } catch (cause) {
      if (cause instanceof PathwiseError) throw cause;
      throw fileError(file, reasonOf(cause));
    }
  },
};

function reasonOf(cause: unknown): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'there is no such file';
  if (code === 'EACCES' || code === 'EPERM') return 'it may not be read';
  return `cannot be read (${cause instanceof Error ? cause.message : String(cause)})`;
}
