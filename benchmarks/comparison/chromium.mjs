// Pathwise and onnxruntime-web side by side on a page of Chromium, one thread, interleaved (benchmarks/README.md):
//   (cd benchmarks/comparison && npm ci --ignore-scripts)     once: the other systems and the driver of the browser
//   node benchmarks/comparison/chromium.mjs [--networks googlenet,mobilenet-v2] [--points 50] [--rounds 7] [-o results]
// PATHWISE_BROWSER names another browser than /usr/bin/chromium. Needs `pnpm build` first.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { writeOnnx } from '@pathwise/onnx';
import { chromium } from 'playwright-core';
import { networks } from '../networks/all.mjs';
import { importMap } from './import-map.mjs';
import { machine } from './machine.mjs';
import { pointsTable } from './points.mjs';

const { values: flags } = parseArgs({
  options: {
    networks: { type: 'string', default: 'googlenet,mobilenet-v2' },
    points: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '7' },
    out: { type: 'string', short: 'o', default: 'pathwise-out/comparison-chromium' },
  },
});

const root = resolve(import.meta.dirname, '../..');
const PACKAGES = ['model', 'graph', 'ops', 'attribution', 'onnx', 'wasm'].map((name) => `@pathwise/${name}`);
const TYPES = { '.mjs': 'text/javascript', '.js': 'text/javascript', '.wasm': 'application/wasm' };

const modules = importMap(PACKAGES, root);
const ort = importMap(['onnxruntime-web'], import.meta.dirname);
modules.set('onnxruntime-web', ort.get('onnxruntime-web/wasm'));

const server = createServer(answer);
await new Promise((done) => server.listen(0, '127.0.0.1', done));
const address = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({
  executablePath: process.env.PATHWISE_BROWSER ?? '/usr/bin/chromium',
  args: ['--no-sandbox'],
});
try {
  const page = await browser.newPage();
  page.on('console', (message) => console.error(message.text()));
  page.on('pageerror', (error) => console.error(error));
  await page.goto(`${address}/`);
  await page.waitForFunction(() => document.title === 'ready');
  const options = { names: flags.networks.split(','), points: Number(flags.points), rounds: Number(flags.rounds) };
  const results = await page.evaluate((asked) => globalThis.compare(asked), options);
  const report = { machine: { ...machine(), browser: browser.version() }, options: flags, points: results };
  const text = `# Comparison in Chromium ${browser.version()}\n\n${pointsTable(results)}\n`;
  console.log(text);
  mkdirSync(dirname(resolve(flags.out)), { recursive: true });
  writeFileSync(`${flags.out}.json`, `${JSON.stringify(report, null, 2)}\n`);
  writeFileSync(`${flags.out}.md`, text);
} finally {
  await browser.close();
  server.close();
}

function answer({ url }, response) {
  const path = decodeURIComponent(new URL(url, address).pathname);
  const [type, body] = contentOf(path);
  // A page of its own: ONNX Runtime asks for memory that could be shared.
  const isolated = { 'cross-origin-opener-policy': 'same-origin', 'cross-origin-embedder-policy': 'require-corp' };
  response.writeHead(body === null ? 404 : 200, { ...isolated, 'content-type': type });
  response.end(body ?? '');
}

function contentOf(path) {
  if (path === '/') return ['text/html', pageText()];
  const name = /^\/network\/(.*)\.onnx$/u.exec(path)?.[1];
  if (name !== undefined) {
    const graph = networks[name]?.() ?? null;
    return ['application/octet-stream', graph === null ? null : writeOnnx(graph)];
  }
  const file = resolve(`/${path}`);
  const type = TYPES[extname(file)];
  if (type === undefined || !file.startsWith(root)) return ['text/plain', null];
  return [type, readFileSync(file)];
}

function pageText() {
  const imports = Object.fromEntries(modules);
  return `<!doctype html><title>comparison</title><link rel="icon" href="data:,">
<script type="importmap">${JSON.stringify({ imports })}</script>
<script type="module" src="${resolve(import.meta.dirname, 'chromium-page.mjs')}"></script>`;
}
