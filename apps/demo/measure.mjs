// Cold load and long tasks of the built page, medians of five runs: node apps/demo/measure.mjs
// Needs `pnpm --filter @pathwise/demo bundle` and a Chromium (PATHWISE_BROWSER, else /usr/bin/chromium).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';
import { preview } from 'vite';

const RUNS = 5;
const root = import.meta.dirname;
const server = await preview({
  root,
  configFile: join(root, 'vite.config.ts'),
  preview: { port: 0, host: '127.0.0.1' },
});
const url = `http://127.0.0.1:${server.httpServer.address().port}/`;
const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/**
 * Does something and gives the longest task of the page's thread meanwhile, in milliseconds of processor time: what other
 * programs on this machine take is not in it, unlike in what the page itself observes.
 */
async function longestTask(browser, action) {
  const session = await browser.newBrowserCDPSession();
  const events = [];
  session.on('Tracing.dataCollected', ({ value }) => events.push(...value));
  const traceConfig = { includedCategories: ['toplevel', 'devtools.timeline'] };
  await session.send('Tracing.start', { transferMode: 'ReportEvents', traceConfig });
  await action();
  const complete = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.end');
  await complete;
  await session.detach();
  const isOurs = ({ args }) => [args?.beginData?.url, args?.data?.url].some((each) => each?.startsWith(url));
  const first = events.find((event) => event.name === 'ParseHTML' && isOurs(event)) ?? events.find(isOurs);
  const tasks = events.filter(
    ({ name, pid, tid, ts, tdur }) =>
      name.endsWith('RunTask') && pid === first?.pid && tid === first.tid && ts >= first.ts && tdur > 0,
  );
  return Math.max(0, ...tasks.map(({ tdur }) => tdur / 1000));
}

async function run(throttling) {
  // A browser that has never seen the page: no cache, no compiled code.
  const browser = await chromium.launch({
    executablePath: process.env['PATHWISE_BROWSER'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  });
  const page = await browser.newPage();
  const scripts = new Map();
  page.on('requestfinished', (request) => {
    const { pathname } = new URL(request.url());
    if (pathname.endsWith('.js') && !pathname.endsWith('sw.js')) scripts.set(pathname, request.timing().startTime);
  });
  const session = await page.context().newCDPSession(page);
  if (throttling > 1) await session.send('Emulation.setCPUThrottlingRate', { rate: throttling });
  await page.addInitScript(() => {
    globalThis.tasks = [];
    const observer = new MutationObserver(() => {
      if (document.querySelector('#screen .drawing svg') === null) return;
      globalThis.pictureAt ??= Date.now();
      if (document.querySelector('#screen > [data-state="done"]') === null) return;
      globalThis.finalAt = Date.now();
      observer.disconnect();
    });
    observer.observe(document, { childList: true, subtree: true, attributes: true, attributeFilter: ['data-state'] });
    new PerformanceObserver((list) =>
      globalThis.tasks.push(...list.getEntries().map(({ duration }) => duration)),
    ).observe({
      type: 'longtask',
      buffered: true,
    });
  });
  const started = Date.now();
  const loadingTime = await longestTask(browser, async () => {
    await page.goto(url);
    await page.waitForSelector('#screen > [data-state="done"] .drawing svg');
  });
  const [pictureAt, finalAt] = await page.evaluate(() => [globalThis.pictureAt, globalThis.finalAt]);
  const early = [...scripts].filter(([, start]) => start < pictureAt).map(([path]) => path);
  const loading = await page.evaluate(() => Math.max(0, ...globalThis.tasks.splice(0)));
  const choosingTime = await longestTask(browser, async () => {
    for (const k of [1, 2, 3, 4, 5]) {
      await page.evaluate(() => (document.querySelector('#screen > [data-state]').dataset.state = 'asked'));
      await page.click(`.thumb >> nth=${k}`);
      await page.waitForSelector('#screen > [data-state="done"]');
    }
  });
  const choosing = await page.evaluate(() => Math.max(0, ...globalThis.tasks));
  await browser.close();
  return {
    picture: pictureAt - started,
    final: finalAt - started,
    loading,
    loadingTime,
    choosing,
    choosingTime,
    early,
  };
}

for (const throttling of [1, 4]) {
  const runs = [];
  for (let k = 0; k < RUNS; k++) runs.push(await run(throttling));
  const of = (name) => Math.round(median(runs.map((each) => each[name])));
  console.log(`${throttling === 1 ? 'as it is' : `processor slowed ${throttling} times`}, medians of ${RUNS}:`);
  console.log(
    `  cold load to the first picture  ${of('picture')} ms (${runs.map(({ picture }) => Math.round(picture)).join(', ')})`,
  );
  console.log(`  and to the final one            ${of('final')} ms`);
  console.log(`  longest task while loading      ${of('loading')} ms, of processor time ${of('loadingTime')} ms`);
  console.log(`  longest task while choosing     ${of('choosing')} ms, of processor time ${of('choosingTime')} ms`);
  if (throttling === 1) {
    const bytes = runs[0].early.map((path) => gzipSync(readFileSync(join(root, 'dist', path)), { level: 9 }).length);
    console.log(
      `  script before the picture       ${(bytes.reduce((a, b) => a + b, 0) / 1000).toFixed(1)} kB gzipped (${runs[0].early.length} files)`,
    );
  }
}
const all = readdirSync(join(root, 'dist/assets')).filter((name) => /\.(js|wasm)$/u.test(name));
console.log(
  `files: ${all.map((name) => `${name} ${(gzipSync(readFileSync(join(root, 'dist/assets', name))).length / 1000).toFixed(1)} kB`).join(', ')}`,
);
await server.close();
process.exit(0);
