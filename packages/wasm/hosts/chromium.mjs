import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const here = import.meta.dirname;
const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];
const FILES = {
  '/': ['text/html', Buffer.from('<!doctype html><title>conformance</title>')],
  '/conformance.mjs': ['text/javascript', readFileSync(`${here}/conformance.mjs`)],
};

/** The conformance file in a page. */
export async function chromiumHost() {
  return inChromium(content, async (page, version) => ({
    host: `Chromium ${version}`,
    ...(await page.evaluate(runInPage)),
  }));
}

/**
 * Opens a page in Chromium (CHROMIUM names it, or one of the usual places) and does something with it.
 * @param contentOf - type and body of a path of the site; null where there is nothing
 */
export async function inChromium(contentOf, run) {
  const path = [process.env.CHROMIUM, ...PLACES].find((place) => place !== undefined && existsSync(place));
  if (path === undefined) return { skipped: 'no Chromium here (apt-get install chromium, or CHROMIUM=path)' };
  const { chromium } = await import('playwright-core');
  const server = createServer((request, response) => {
    const [type, body] = contentOf(request.url) ?? ['text/plain', null];
    response.writeHead(body === null ? 404 : 200, { 'content-type': type }).end(body);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const browser = await chromium.launch({ executablePath: path, args: FLAGS });
  const said = [];
  try {
    const page = await browser.newPage();
    page.on('pageerror', ({ message }) => said.push(message));
    await page.goto(`http://127.0.0.1:${server.address().port}/`);
    return await run(page, browser.version());
  } catch (error) {
    throw new Error([error.message, ...said].join('\n'), { cause: error });
  } finally {
    await browser.close();
    server.close();
  }
}

function content(url) {
  if (url in FILES) return FILES[url];
  if (url === '/core.wasm') return ['application/wasm', readFileSync(`${here}/../wasm/core.wasm`)];
  if (url === '/conformance.bin') return ['application/octet-stream', readFileSync(`${here}/conformance.bin`)];
  return null;
}

/** Runs in the page. */
async function runInPage() {
  const { runConformance } = await import('/conformance.mjs');
  const module = await WebAssembly.compileStreaming(fetch('/core.wasm'));
  const file = new Uint8Array(await (await fetch('/conformance.bin')).arrayBuffer());
  return runConformance(module, file);
}
