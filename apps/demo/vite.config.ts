import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, defineConfig, type Plugin, type UserConfig } from 'vite';

const POLICY =
  "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; img-src 'self' blob: data:; connect-src 'self' https:; base-uri 'none'; form-action 'none'";

/** Writes sw.js, which keeps every file of this build for use without a network. */
function offline(): Plugin {
  return {
    name: 'offline',
    apply: 'build',
    generateBundle: {
      order: 'post',
      handler(_, bundle) {
        const files = Object.keys(bundle).filter((name) => !name.endsWith('.map'));
        const list = ['./', ...files, 'icon.svg'].sort();
        const version = createHash('sha256').update(JSON.stringify(list)).digest('hex').slice(0, 12);
        this.emitFile({ type: 'asset', fileName: 'sw.js', source: serviceWorker(version, list) });
      },
    },
  };
}

/**
 * Compiles the bundled models, so that the first picture needs neither importer nor compiler. The constant PLANS has the
 * files' places by the models' names, as seen from the folder of the scripts.
 */
function compiledModels(): Plugin {
  const files = new Map<string, Uint8Array>();
  return {
    name: 'compiled-models',
    async config(config, { command }) {
      const places: Record<string, string> = {};
      if (command === 'build') {
        for (const [model, bytes] of await compileModels(config)) {
          const hash = createHash('sha256').update(bytes).digest('hex').slice(0, 8);
          files.set(`assets/${model}-${hash}.plan`, bytes);
          places[model] = `${model}-${hash}.plan`;
        }
      }
      return { define: { PLANS: JSON.stringify(places) } };
    },
    generateBundle() {
      for (const [fileName, source] of files) this.emitFile({ type: 'asset', fileName, source });
    },
  };
}

/** Runs plans.ts by the same sources as the page has. */
async function compileModels({ resolve = {} }: UserConfig): Promise<ReadonlyMap<string, Uint8Array>> {
  const outDir = await mkdtemp(join(tmpdir(), 'pathwise-plans-'));
  try {
    await build({
      root: import.meta.dirname,
      configFile: false,
      logLevel: 'error',
      ssr: { noExternal: true, resolve: { conditions: [...(resolve.conditions ?? []), 'node'] } },
      build: {
        ssr: 'plans.ts',
        outDir,
        emptyOutDir: true,
        rolldownOptions: { output: { entryFileNames: 'plans.mjs' } },
      },
    });
    const { plans } = (await import(pathToFileURL(join(outDir, 'plans.mjs')).href)) as {
      plans(folder: string): Promise<ReadonlyMap<string, Uint8Array>>;
    };
    return await plans(join(import.meta.dirname, '../../models'));
  } finally {
    await rm(outDir, { recursive: true });
  }
}

function serviceWorker(version: string, files: readonly string[]): string {
  return `const CACHE = 'pathwise-${version}';
const FILES = ${JSON.stringify(files)};
addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => skipWaiting()));
});
addEventListener('activate', (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name.startsWith('pathwise-') && name !== CACHE).map((name) => caches.delete(name))))
      .then(() => clients.claim()),
  );
});
addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method !== 'GET' || new URL(request.url).origin !== location.origin) return;
  // Files carry the hash of their content in their names; only the page itself may have changed.
  const answer = request.mode === 'navigate'
    ? fetch(request).catch(() => caches.match('./', { ignoreVary: true }))
    : caches.match(request, { ignoreSearch: true, ignoreVary: true }).then((known) => known ?? fetch(request));
  event.respondWith(answer);
});
`;
}

export default defineConfig({
  base: './',
  plugins: [compiledModels(), offline()],
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1000 },
  preview: { port: 4173, headers: { 'Content-Security-Policy': POLICY } },
});
