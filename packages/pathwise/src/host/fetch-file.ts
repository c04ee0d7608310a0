import { fileError, PathwiseError } from '@pathwise/model';

/**
 * The bytes behind a URL.
 * @throws PathwiseError BAD_FILE, LIMIT_EXCEEDED
 */
export async function fetchFile(url: string, maxBytes: number = Infinity): Promise<Uint8Array> {
  let response: Response;
  try {
    response = await fetch(url);
  } catch (cause) {
    throw fileError(url, `cannot be fetched (${cause instanceof Error ? cause.message : String(cause)})`);
  }
  if (!response.ok) throw fileError(url, `cannot be fetched (status ${response.status})`);
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (bytes.length > maxBytes) {
    throw new PathwiseError('LIMIT_EXCEEDED', `${url}: ${bytes.length} bytes, more than the ${maxBytes} allowed`, {
      file: url,
    });
  }
  return bytes;
}
