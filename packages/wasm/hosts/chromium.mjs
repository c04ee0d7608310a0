import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const here = import.meta.dirname;
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const FILES = {
  '/': ['text/html', Buffer.from('<!doctype html><title>conformance</title>')],
  '/conformance.mjs': ['text/javascript', readFileSync(`${here}/conformance.mjs`)],
};

/** A page in Chromium: CHROMIUM names it, or one of the usual places. */
export async function chromiumHost() {
  const path = [process.env.CHROMIUM, ...PLACES].find((place) => place !== undefined && existsSync(place));
  if (path === undefined) return { skipped: 'no Chromium here (apt-get install chromium, or CHROMIUM=path)' };
  const { chromium } = await import('playwright-core');
  const server = createServer((request, response) => {
    const [type, body] = content(request.url);
    response.writeHead(body === null ? 404 : 200, { 'content-type': type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({ executablePath: path, args: FLAGS });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    const report = await page.evaluate(runInPage);
    return { host: `Chromium ${browser.version()}`, ...report };
  } finally {
    await browser.close();
    server.close();
  }
}

function content(url) {
  if (url in FILES) return FILES[url];
  if (url === '/core.wasm') return ['application/wasm', readFileSync(`${here}/../wasm/core.wasm`)];
  if (url === '/conformance.bin') return ['application/octet-stream', readFileSync(`${here}/conformance.bin`)];
  return ['text/plain', null];
}

/** Runs in the page. */
async function runInPage() {
  const { runConformance } = await import('/conformance.mjs');
  const module = await WebAssembly.compileStreaming(fetch('/core.wasm'));
  const file = new Uint8Array(await (await fetch('/conformance.bin')).arrayBuffer());
  return runConformance(module, file);
}
