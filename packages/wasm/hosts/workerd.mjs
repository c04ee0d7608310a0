import { readFileSync } from 'node:fs';

const here = import.meta.dirname;

/** Cloudflare's runtime: no compiling from bytes, so the core arrives as a module. */
export async function workerdHost() {
  const { Miniflare } = await import('miniflare');
  const data = (path) => ({ type: 'Data', path, contents: readFileSync(`${here}/${path}`) });
  const miniflare = new Miniflare({
    compatibilityDate: '2026-04-01',
    modules: [
      { type: 'ESModule', path: 'worker.mjs', contents: readFileSync(`${here}/worker.mjs`, 'utf8') },
      { type: 'ESModule', path: 'conformance.mjs', contents: readFileSync(`${here}/conformance.mjs`, 'utf8') },
      { type: 'CompiledWasm', path: 'core.wasm', contents: readFileSync(`${here}/../wasm/core.wasm`) },
      data('conformance.bin'),
    ],
  });
  try {
    const response = await miniflare.dispatchFetch('http://localhost/');
    return { host: 'workerd', ...(await response.json()) };
  } finally {
    await miniflare.dispose();
  }
}
