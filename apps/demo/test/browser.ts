// Builds the page from the sources, serves it, and opens it in the browser of this machine.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions, type Page } from 'playwright-core';
import { build, preview } from 'vite';
import { ensureCore } from '../../../packages/wasm/tools/build.mjs';

const folder = resolve(import.meta.dirname, '..');

/** The browser's program: PATHWISE_BROWSER, or a Chromium where it usually lies. */
export const browserPath: string | null = findBrowser();

function findBrowser(): string | null {
  const named = process.env['PATHWISE_BROWSER'];
  if (named !== undefined) return named;
  if (existsSync('/usr/bin/chromium')) return '/usr/bin/chromium';
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    try {
      return execFileSync('which', [name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
    } catch {
      // Not there; the next name may be.
    }
  }
  return null;
}

if (browserPath === null)
  console.warn('demo: no Chromium here, so the page is not tested (set PATHWISE_BROWSER, or apt-get install chromium)');

export interface Site {
  readonly url: string;
  readonly browser: Browser;
  /** Ends the server; the browser goes on. */
  unplug(): Promise<void>;
  close(): Promise<void>;
}

/** Builds and serves the page, and starts the browser. */
export async function openSite(): Promise<Site> {
  await ensureCore();
  const outDir = mkdtempSync(join(tmpdir(), 'pathwise-demo-'));
  const common = { root: folder, configFile: join(folder, 'vite.config.ts'), logLevel: 'error' as const };
  const conditions = ['source', 'module', 'browser', 'production'];
  await build({ ...common, resolve: { conditions }, build: { outDir, emptyOutDir: true } });
  const server = await preview({ ...common, build: { outDir }, preview: { port: 0, host: '127.0.0.1' } });
  const address = server.httpServer.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const browser = await chromium.launch({
    executablePath: browserPath as string,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
  return {
    url: `http://127.0.0.1:${address.port}/`,
    browser,
    unplug: () =>
      new Promise((done) => {
        server.httpServer.close(() => done());
        if ('closeAllConnections' in server.httpServer) server.httpServer.closeAllConnections();
      }),
    async close() {
      await browser.close();
      await server.close().catch(() => undefined);
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}

/** What must not happen on the page, collected while it is used. */
export interface Watched {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Requests to other origins, blocked ones too. */
  readonly strangers: string[];
  readonly errors: string[];
}

export async function openPage(site: Site, hash = '', options: BrowserContextOptions = {}): Promise<Watched> {
  const context = await site.browser.newContext({ reducedMotion: 'reduce', acceptDownloads: true, ...options });
  const page = await context.newPage();
  const watched: Watched = { page, context, strangers: [], errors: [] };
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(site.url) && !/^(blob|data):/u.test(url)) watched.strangers.push(url);
  });
  page.on('pageerror', (error) => watched.errors.push(error.message));
  await page.exposeFunction('reportViolation', (text: string) => watched.strangers.push(text));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      (globalThis as unknown as { reportViolation(text: string): void }).reportViolation(
        `${violatedDirective} ${blockedURI}`,
      );
    });
  });
  await page.goto(`${site.url}${hash}`);
  return watched;
}

/** Waits until the screen's result is final (or failed, where that is awaited). */
export async function settled(page: Page, state = 'done'): Promise<void> {
  await page.waitForSelector(`#screen > [data-state="${state}"]`, { timeout: 20_000 });
}

/** Does something and waits for the result that it leads to. */
export async function andSettle(page: Page, action: () => Promise<unknown>, state = 'done'): Promise<void> {
  await page.evaluate(() => {
    const element = document.querySelector<HTMLElement>('#screen > [data-state]');
    if (element !== null) element.dataset['state'] = 'asked';
  });
  await action();
  await settled(page, state);
}

/** Numbers of the badge. */
export async function badge(page: Page): Promise<{ text: string; delta: number; gradients: number; word: string }> {
  const text = (await page.textContent('.badge')) ?? '';
  return {
    text,
    word: (await page.textContent('.badge strong')) ?? '',
    delta: Number(/Δ ([\d.]+) %/u.exec(text)?.[1] ?? Number.NaN),
    gradients: Number((/([\d,]+) gradients?/u.exec(text)?.[1] ?? 'NaN').replaceAll(',', '')),
  };
}
