// What holds on every screen: nobody is left out, nothing leaves the page, and it works unplugged.
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SCREENS } from '../src/state.ts';
import { andSettle, browserPath, openPage, openSite, settled, type Site } from './browser.ts';

const axe = createRequire(import.meta.url).resolve('axe-core');

/** Violations of the rules that axe-core knows, in one line each. */
async function violations(page: Page): Promise<string[]> {
  await page.addScriptTag({ path: axe });
  return page.evaluate(async () => {
    interface Finding {
      readonly id: string;
      readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
    }
    const { run } = (globalThis as unknown as { axe: { run(): Promise<{ violations: readonly Finding[] }> } }).axe;
    return (await run()).violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html.slice(0, 120)} ${failureSummary ?? ''}`).join(' | ')}`,
    );
  });
}

describe.skipIf(browserPath === null)('every screen', { timeout: 90_000 }, () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  }, 120_000);
  afterAll(() => site?.close());

  test.each(SCREENS.flatMap((screen) => (['light', 'dark'] as const).map((scheme) => [screen, scheme] as const)))(
    '%s, %s: no violation of accessibility rules',
    async (screen, colorScheme) => {
      // axe-core is a script that the page's own policy forbids.
      const { page, context } = await openPage(site, `#v=1&s=${screen}`, { bypassCSP: true, colorScheme });
      await settled(page);
      expect(await violations(page)).toEqual([]);
      await context.close();
    },
  );

  test.each(SCREENS)('%s: 320 pixels wide without sideways scrolling, and twice the text size', async (screen) => {
    const { page, context } = await openPage(site, `#v=1&s=${screen}`, { viewport: { width: 320, height: 700 } });
    await settled(page);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(320);
    await page.setViewportSize({ width: 640, height: 900 });
    await page.evaluate(() => {
      document.documentElement.style.fontSize = '200%';
    });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(640);
    await context.close();
  });

  test('without colour: forced colours and every deficiency of colour vision keep signs and choices visible', async () => {
    const { page, context } = await openPage(site, '#v=1&hatch=1');
    await settled(page);
    const session = await context.newCDPSession(page);
    const shots = new Set<string>();
    for (const type of ['deuteranopia', 'protanopia', 'tritanopia', 'achromatopsia'] as const) {
      await session.send('Emulation.setEmulatedVisionDeficiency', { type });
      shots.add((await page.locator('.explain .drawing').screenshot()).toString('base64'));
    }
    // Each is drawn otherwise: the emulation works, and the hatch is there in all.
    expect(shots.size).toBe(4);
    await session.send('Emulation.setEmulatedVisionDeficiency', { type: 'none' });
    await page.emulateMedia({ forcedColors: 'active' });
    const outline = await page.$eval(
      '.thumb[aria-pressed="true"]',
      (element) => getComputedStyle(element).outlineStyle,
    );
    expect(outline).toBe('solid');
    await context.close();
  });

  test.each(SCREENS)('%s: nothing leaves the page', async (screen) => {
    const { page, context, strangers, errors } = await openPage(site, `#v=1&s=${screen}`);
    await settled(page);
    expect(await page.textContent('header')).toContain('Nothing leaves this page');
    expect(strangers).toEqual([]);
    expect(errors).toEqual([]);
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(false);
    expect(await page.locator('.messages p').count()).toBe(0);
    await context.close();
  });

  test('the parts of the page are reached by Tab in reading order, each with a visible ring', async () => {
    const { page, context } = await openPage(site);
    await settled(page);
    const seen: string[] = [];
    for (let k = 0; k < 12; k++) {
      await page.keyboard.press('Tab');
      seen.push(
        await page.evaluate(() => {
          const element = document.activeElement as HTMLElement;
          const { outlineStyle, outlineWidth } = getComputedStyle(element);
          return `${element.textContent?.trim().slice(0, 12)} ${outlineStyle} ${outlineWidth}`;
        }),
      );
    }
    expect(seen[0]).toContain('Skip');
    expect(seen[1]).toContain('Explain');
    expect(seen[2]).toContain('Clothes');
    for (const each of seen.slice(1)) expect(each).toMatch(/solid 2px$/u);
    await context.close();
  });

  // Loose, as the machine may be busy; `node apps/demo/measure.mjs` gives medians.
  test.each([1, 4])('no long tasks while things are chosen, the processor slowed %d times', async (rate) => {
    const { page, context } = await openPage(site);
    await settled(page);
    const session = await context.newCDPSession(page);
    await session.send('Emulation.setCPUThrottlingRate', { rate });
    await page.evaluate(() => {
      const found: number[] = [];
      Object.assign(globalThis, { found });
      new PerformanceObserver((list) => found.push(...list.getEntries().map(({ duration }) => duration))).observe({
        type: 'longtask',
      });
    });
    for (const k of [1, 2, 3]) await andSettle(page, () => page.click(`.thumb >> nth=${k}`));
    const found = await page.evaluate(() => (globalThis as unknown as { found: number[] }).found);
    expect(Math.max(0, ...found)).toBeLessThan(500);
    await context.close();
  });

  // Story 10: the last test, as the server does not come back.
  test('with the plug pulled: reload, and explain a bundled sample', async () => {
    const { page, context } = await openPage(site);
    await settled(page);
    await page.evaluate(async () => {
      await navigator.serviceWorker.ready;
    });
    await page.reload();
    await settled(page);
    await site.unplug();
    await page.reload();
    await settled(page);
    await andSettle(page, () => page.click('[data-model="events"]'));
    expect(await page.textContent('.badge')).toContain('adds up');
    await context.close();
  });
});
