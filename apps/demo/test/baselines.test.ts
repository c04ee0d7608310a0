import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainer, readNpy, type Preprocessing } from 'pathwise';
import { andSettle, browserPath, openPage, openSite, settled, type Site } from './browser.ts';
import { downloaded, models } from './files.ts';

describe.skipIf(browserPath === null)('the baselines screen', () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  }, 120_000);
  afterAll(() => site?.close());

  test('small multiples on one scale, with average and spread; they come and go, and Back brings them back', async () => {
    const { page, context, errors } = await openPage(site, '#v=1&s=baselines');
    await settled(page);
    expect(await page.locator('.multiple .drawing svg').count()).toBe(8);
    // The legends of all signed maps end at the same value.
    const ends = await page.$$eval('.multiple svg', (all) =>
      all
        .slice(0, 7)
        .map((svg) =>
          [...svg.querySelectorAll('text')]
            .map(({ textContent }) => textContent)
            .find((text) => /^\+\d/u.test(text ?? '')),
        ),
    );
    expect(new Set(ends).size).toBe(1);
    await andSettle(page, () => page.click('[aria-label^="Remove white"]'));
    expect(await page.locator('.multiple .drawing svg').count()).toBe(7);
    expect(page.url()).toContain('set=zeros');
    await page.fill('#sigma', '3');
    await andSettle(page, () => page.click('button:has-text("blur σ")'));
    expect(page.url()).toContain('blur:3');
    await andSettle(page, () => page.goBack());
    expect(page.url()).not.toContain('blur:3');
    await page.check('#average');
    await page.waitForFunction(() => document.querySelectorAll('.multiple .drawing svg').length === 2);
    expect(errors).toEqual([]);
    await context.close();
  }, 60_000);

  test('the average is that of the library, a colour of the image among them', async () => {
    const { page, context } = await openPage(site, '#v=1&s=baselines&set=zeros;blur:2');
    await settled(page);
    await andSettle(page, () => page.click('.pick', { position: { x: 30, y: 44 } }));
    const colour = /colour:([0-9a-f]{6})/u.exec(page.url())?.[1] ?? '';
    expect(colour).not.toBe('000000');
    const path = await downloaded(page, () => page.click('[data-format="npy"]'));
    const preprocess = JSON.parse(readFileSync(models('fashion-mnist/preprocess.json'), 'utf8')) as Preprocessing;
    const explain = await explainer(models('fashion-mnist/model.onnx'), { engine: 'wasm', preprocess });
    const pixel = [0, 2, 4].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    const flat = {
      width: 28,
      height: 28,
      data: Uint8Array.from({ length: 3 * 784 }, (_, i) => pixel[i % 3] as number),
    };
    const { feeds } = await explain.prepare(flat);
    const baselines = ['zeros', 'blur:2', feeds['image'] as NonNullable<(typeof feeds)['image']>] as const;
    const sum = new Float64Array(784);
    for (const baseline of baselines) {
      const { attributions } = await explain(models('fashion-mnist/images/ankle-boot.png'), { baseline });
      for (let i = 0; i < 784; i++) sum[i] += Number(attributions['image']?.data[i]) / 3;
    }
    expect(readNpy(readFileSync(path), path).data).toBeClose(sum, { rtol: 1e-5, scale: Math.max(...sum) });
    await context.close();
  }, 60_000);

  test('a baseline that does not fit is said, and the others are shown', async () => {
    const { page, context } = await openPage(site, '#v=1&s=baselines&set=zeros;typical');
    await settled(page);
    expect(await page.locator('.multiple .drawing svg').count()).toBe(1);
    expect(await page.textContent('.notes')).toContain('typical');
    await context.close();
  });

  test('a file as a baseline', async () => {
    const { page, context } = await openPage(site, '#v=1&s=baselines&set=zeros');
    await settled(page);
    await andSettle(page, () =>
      page.setInputFiles('[aria-label="A file as baseline"]', models('fashion-mnist/images/bag.png')),
    );
    expect(page.url()).toMatch(/set=zeros;file:[0-9a-f]{64}/u);
    expect(await page.locator('.multiple h3').allTextContents()).toContain('bag.png');
    await context.close();
  });
});
