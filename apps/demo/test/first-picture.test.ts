// The first picture: from a compiled plan, with little script; the library follows and computes the final one.
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { badge, browserPath, openPage, openSite, settled, type Site } from './browser.ts';

/** What the page may load of script before the first picture, in bytes after gzip. */
const MOST_SCRIPT = 150_000;

describe.skipIf(browserPath === null)('the first picture', { timeout: 90_000 }, () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  }, 120_000);
  afterAll(() => site?.close());

  test.each([
    ['an image', '', 'Ankle boot'],
    ['two images', '#v=1&m=fashion-scenes&x=sample:1', 'Bag'],
    ['a class that was chosen', '#v=1&x=sample:2&target=7', 'Sneaker'],
    ['a contrast', '#v=1&target=9-5', 'Ankle boot − Sandal'],
    ['a row of a table', '#v=1&m=penguins&x=sample:2', 'logits'],
    ['a series', '#v=1&m=events', 'logits'],
  ])('%s: without the library, and close to the final one', async (_name, hash, target) => {
    let goOn = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    const { page, context, errors } = await openPage(site, '#v=1&s=edge', { serviceWorkers: 'block' });
    await settled(page);
    await page.route(/\/answers-[^/]*\.js$/u, async (route) => {
      await held;
      await route.continue();
    });
    const scripts: string[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('.js')) scripts.push(request.url());
    });
    await page.goto('about:blank');
    await page.goto(`${site.url}${hash}`);
    await page.waitForSelector('#screen > [data-state="partial"] .drawing svg');
    expect(await page.textContent('.explain h2')).toContain(target);
    const first = await badge(page);
    expect(first.word).toContain('≈');
    expect(first.gradients).toBe(32);
    const early = [...scripts].filter((url) => !url.includes('/answers-'));
    const sizes = await Promise.all(
      early.map(async (url) => gzipSync(Buffer.from(await (await fetch(url)).arrayBuffer()), { level: 9 }).length),
    );
    expect(sizes.length).toBeGreaterThan(1);
    expect(sizes.reduce((a, b) => a + b, 0)).toBeLessThan(MOST_SCRIPT);
    const chips = await page.locator('.chip').allTextContents();
    goOn();
    await settled(page);
    const final = await badge(page);
    expect(final.word).toMatch(/adds up/u);
    expect(await page.locator('.chip').allTextContents()).toEqual(chips);
    const [a, b] = [first.text, final.text].map((text) =>
      Number(/F\(x′\) (−?[\d.]+)/u.exec(text)?.[1]?.replace('−', '-')),
    );
    expect(a).toBeClose(b as number, { rtol: 1e-3 });
    expect(errors).toEqual([]);
    await context.close();
  });

  test.each([
    ['another method', '#v=1&method=gradient'],
    ['another baseline', '#v=1&baseline=blur:2'],
    ['words', '#v=1&m=questions'],
    ['another engine', '#v=1&m=penguins&engine=reference'],
  ])('%s: a plan does not answer, the library does', async (_name, hash) => {
    const { page, context, errors } = await openPage(site, hash);
    await settled(page);
    expect(await page.textContent('.badge')).not.toContain('≈');
    expect(errors).toEqual([]);
    await context.close();
  });
});
