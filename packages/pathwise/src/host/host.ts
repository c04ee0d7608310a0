/** What the front door needs of the place it runs in: the package's import `#host` picks Node's or the browser's. */
export interface Host {
  /**
   * Bytes of a file.
   * @throws PathwiseError BAD_FILE when there is none, LIMIT_EXCEEDED above `maxBytes`
   */
  readFile(path: string, maxBytes?: number): Promise<Uint8Array>;
}
