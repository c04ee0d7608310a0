import { createHash } from 'node:crypto';
import { defineConfig, type Plugin } from 'vite';

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
  plugins: [offline()],
  worker: { format: 'es' },
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 1000 },
  preview: { port: 4173, headers: { 'Content-Security-Policy': POLICY } },
});
