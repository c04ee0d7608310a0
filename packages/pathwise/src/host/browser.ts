import { fileError, PathwiseError } from '@pathwise/model';
import type { Host } from './host.ts';

/** In browsers and workers a path is a URL relative to the page. */
export const host: Host = {
  async readFile(path, maxBytes = Infinity) {
    let response: Response;
    try {
      response = await fetch(path);
    } catch (cause) {
      throw fileError(path, `cannot be fetched (${cause instanceof Error ? cause.message : String(cause)})`);
    }
    if (!response.ok) throw fileError(path, `cannot be fetched (status ${response.status})`);
    const bytes = new Uint8Array(await response.arrayBuffer());
    if (bytes.length > maxBytes) {
      throw new PathwiseError('LIMIT_EXCEEDED', `${path}: ${bytes.length} bytes, more than the ${maxBytes} allowed`, {
        file: path,
      });
    }
    return bytes;
  },
};
