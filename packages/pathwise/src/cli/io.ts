/** Where a command writes: streams of a process, or buffers of a test. */
export interface TextWriter {
  write(text: string): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
}

export interface CommandIO {
  readonly stdout: TextWriter;
  readonly stderr: TextWriter;
  /** Aborted when the user cancels. */
  readonly signal: AbortSignal;
}
