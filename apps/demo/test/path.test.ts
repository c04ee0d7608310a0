import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainer, type Preprocessing } from 'pathwise';
import { andSettle, badge, browserPath, openPage, openSite, settled, type Site } from './browser.ts';
import { models } from './files.ts';

describe.skipIf(browserPath === null)('the path screen', { timeout: 90_000 }, () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  }, 120_000);
  afterAll(() => site?.close());

  // DEMO, story 5.
  test('by keyboard only: ten steps, with the output and the running sum of the library in the live region', async () => {
    const { page, context, errors } = await openPage(site);
    await settled(page);
    await page.keyboard.press('2');
    await settled(page);
    await page.keyboard.press('[');
    await page.keyboard.press('Home');
    await page.focus('#alpha');
    await page.keyboard.press('Home');
    for (let k = 0; k < 10; k++) await page.keyboard.press(']');
    await page.waitForFunction(() => document.getElementById('live')?.textContent?.startsWith('α = 0.313'));
    expect(page.url()).toContain('alpha=0.3125');
    const live = (await page.textContent('#live')) ?? '';

    const preprocess = JSON.parse(readFileSync(models('fashion-mnist/preprocess.json'), 'utf8')) as Preprocessing;
    const explain = await explainer(models('fashion-mnist/model.onnx'), { engine: 'wasm', preprocess });
    const { curves } = await explain(models('fashion-mnist/images/ankle-boot.png'), {
      method: 'interior-gradients',
      steps: 32,
    });
    const [curve] = curves ?? [];
    const figure = (value: number | undefined): string => String(Number(value?.toPrecision(4))).replaceAll('-', '−');
    expect(live).toContain(`F = ${figure(curve?.outputs[10])}`);
    expect(live).toContain(`attributions so far ${figure(curve?.cumulative[10])}`);
    expect(errors).toEqual([]);
    await context.close();
  });

  test('at the input the accumulated picture is the whole attribution; at the baseline it is empty', async () => {
    const { page, context } = await openPage(site, '#v=1&s=path');
    await settled(page);
    // The numbers are made when they are looked at.
    await page.locator('.panels summary').last().click();
    const total = (): Promise<string | null> => page.locator('.panels td').last().textContent();
    const change = (await page.textContent('.path .reading'))?.match(/so far (\S+) of/u)?.[1] ?? '';
    // The table's total and the running sum are the same number.
    expect(await total()).toBe(`+${change}`);
    await page.focus('#alpha');
    await page.keyboard.press('Home');
    await page.waitForFunction(() => [...document.querySelectorAll('.panels td')].at(-1)?.textContent === '0');
    expect(page.url()).toContain('alpha=0');
    await context.close();
  });

  test('rule and points change the error of the same integral', async () => {
    const { page, context } = await openPage(site, '#v=1&s=path&steps=5&q=left');
    await settled(page);
    const coarse = await badge(page);
    await page.fill('#steps', '100');
    await andSettle(page, () => page.keyboard.press('Enter'));
    await andSettle(page, async () => {
      await page.selectOption('#quadrature', 'gauss-legendre');
    });
    const fine = await badge(page);
    expect(fine.delta).toBeLessThan(coarse.delta / 5);
    expect(await page.locator('.chart rect').count()).toBe(100);
    await context.close();
  });

  test('play moves by itself unless less motion is asked for', async () => {
    const reduced = await openPage(site, '#v=1&s=path');
    await settled(reduced.page);
    expect(await reduced.page.locator('#play').isVisible()).toBe(false);
    await reduced.context.close();
    const { page, context } = await openPage(site, '#v=1&s=path&m=events', { reducedMotion: 'no-preference' });
    await settled(page);
    await page.keyboard.press('p');
    await page.waitForFunction(() => /alpha=0\.[1-9]/u.test(location.hash));
    await page.keyboard.press('p');
    const stopped = page.url();
    await page.waitForTimeout(400);
    expect(page.url()).toBe(stopped);
    await context.close();
  });

  test.each(['penguins', 'questions', 'events'])('%s have a path too', async (model) => {
    const { page, context, errors } = await openPage(site, `#v=1&s=path&m=${model}&alpha=0.5`);
    await settled(page);
    expect(await page.locator('.panels .drawing svg').count()).toBe(2);
    expect(errors).toEqual([]);
    await context.close();
  });

  test('a set of baselines has no path, which is said', async () => {
    const { page, context } = await openPage(site, '#v=1&s=path&baseline=uniform:4');
    await settled(page, 'failed');
    expect(await page.textContent('.messages .error')).toMatch(/takes one baseline/u);
    await context.close();
  });
});
