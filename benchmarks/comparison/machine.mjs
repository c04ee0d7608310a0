import { cpus, totalmem } from 'node:os';

/** What the numbers were measured on. */
export function machine() {
  const model = cpus()[0]?.model ?? 'unknown';
  return {
    cpu: model,
    cores: cpus().length,
    memoryGB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    v8: process.versions.v8,
    date: new Date().toISOString(),
  };
}
