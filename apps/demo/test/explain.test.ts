import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sharedData } from '../../../packages/model/testing/shared-data.ts';
import { explainer, readNpy, writeNpy, type Preprocessing } from 'pathwise';
import { modelFile, node, value } from '../../../packages/onnx/test/encode.ts';
import { andSettle, badge, browserPath, openPage, openSite, settled, type Site } from './browser.ts';
import { downloaded, drop, models } from './files.ts';

/** What of the picture is drawn: two pages with the same have the same picture. */
const picture = (page: Page): Promise<string> => page.$eval('.explain .drawing svg', (svg) => svg.outerHTML);

describe.skipIf(browserPath === null)('the first screen', { timeout: 90_000 }, () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  }, 120_000);
  afterAll(() => site?.close());

  // DEMO, story 1. The bound here is loose: the machine may be busy.
  test('a picture and its badge without a click', async () => {
    const started = Date.now();
    const { page, context, errors } = await openPage(site);
    await settled(page);
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(await page.locator('.explain .drawing svg').count()).toBe(1);
    expect((await badge(page)).text).toMatch(/adds up: good.*Σ .*F\(x\) − F\(x′\) .*Δ .*wasm/u);
    expect(await page.locator('.chip').first().textContent()).toContain('Ankle boot');
    expect(errors).toEqual([]);
    await context.close();
  });

  // Story 2.
  test('a dropped model and image; a second class by its chip, and Back', async () => {
    const { page, context } = await openPage(site);
    await settled(page);
    await drop(page, [
      { name: 'shop.onnx', bytes: readFileSync(models('fashion-mnist/model.onnx')) },
      { name: 'labels.txt', bytes: readFileSync(models('fashion-mnist/labels.txt')) },
      { name: 'bag.png', bytes: readFileSync(models('fashion-mnist/images/bag.png')) },
    ]);
    await page.waitForSelector('.chip:has-text("Bag")[aria-pressed="true"]');
    await settled(page);
    expect(page.url()).toMatch(/m=sha256:[0-9a-f]{64}.*x=file:[0-9a-f]{64}/u);
    const first = { url: page.url(), picture: await picture(page) };
    await andSettle(page, () => page.locator('.chip').nth(1).click());
    expect(page.url()).not.toBe(first.url);
    expect(await picture(page)).not.toBe(first.picture);
    await andSettle(page, () => page.goBack());
    expect(page.url()).toBe(first.url);
    expect(await picture(page)).toBe(first.picture);
    // Shift-click: the chosen class against this one.
    await andSettle(page, () =>
      page
        .locator('.chip')
        .nth(2)
        .click({ modifiers: ['Shift'] }),
    );
    expect(page.url()).toMatch(/target=8-\d/u);
    await context.close();
  });

  // Story 3. The model and what it must give: the reference data beside the repository.
  const tfjs = sharedData('tfjs-models/layers-cnn');
  test.skipIf(!tfjs.present)('a folder of TensorFlow.js: explained; without a shard its name is said', async () => {
    const names = ['model.json', 1, 2, 3, 4].map((k) => (typeof k === 'string' ? k : `group1-shard${k}of4.bin`));
    const files = [...names, 'input.npy'].map((name) => ({ name, bytes: readFileSync(join(tfjs.path, name)) }));
    const { page, context } = await openPage(site);
    await settled(page);
    await drop(
      page,
      files.filter(({ name }) => name !== 'group1-shard3of4.bin'),
    );
    await page.waitForSelector('.messages .error');
    expect(await page.textContent('.messages')).toContain('group1-shard3of4.bin');
    await drop(page, files);
    await page.waitForFunction(() => document.querySelector('.messages .error') === null);
    await settled(page);
    const output = readNpy(readFileSync(join(tfjs.path, 'output.npy')), 'output.npy');
    const top = Math.max(...Array.from(output.data, Number).slice(0, output.shape[1]));
    const first = (await page.textContent('.chip .number'))?.replace('−', '-');
    expect(Number(first)).toBeCloseTo(top, 2);
    await context.close();
  });

  test('files are chosen as well as dropped: a model, then an image', async () => {
    const { page, context } = await openPage(site);
    await settled(page);
    const chooser = page.locator('#setup input[type="file"]').first();
    await chooser.setInputFiles([models('fashion-mnist/model.onnx'), models('fashion-mnist/labels.txt')]);
    await page.waitForFunction(() => location.hash.includes('m=sha256:'));
    await chooser.setInputFiles(models('fashion-mnist/images/dress.png'));
    await page.waitForSelector('.chip:has-text("Dress")[aria-pressed="true"]');
    await settled(page);
    expect(page.url()).toMatch(/x=file:[0-9a-f]{64}/u);
    expect(await page.textContent('#setup')).toContain('dress.png');
    await context.close();
  });

  // A sample that is chosen by keyboard keeps the focus.
  test('samples are walked through by arrow keys', async () => {
    const { page, context } = await openPage(site);
    await settled(page);
    await page.focus('[data-input="sample:0"]');
    await page.keyboard.press('ArrowRight');
    await andSettle(page, () => page.keyboard.press('Enter'));
    expect(page.url()).toContain('x=sample:1');
    expect(await page.evaluate(() => (document.activeElement as HTMLElement).dataset['input'])).toBe('sample:1');
    await context.close();
  });

  // Story 4.
  test('a smaller tolerance: a smaller error for more gradients', async () => {
    const { page, context } = await openPage(site);
    await settled(page);
    const before = await badge(page);
    await page.focus('#tolerance');
    await andSettle(page, () => page.keyboard.press('End'));
    await page.waitForFunction(() => /tolerance=0\.001/u.test(location.hash));
    await settled(page);
    const after = await badge(page);
    expect(after.delta).toBeLessThan(before.delta);
    expect(after.gradients).toBeGreaterThan(4 * before.gradients);
    await context.close();
  });

  test('Esc in the middle leaves the last partial picture, marked', async () => {
    // The float64 engine is slow enough for rounds to be seen.
    const { page, context } = await openPage(site, '#v=1&tolerance=0.001&engine=reference');
    await page.waitForSelector('#screen > [data-state="partial"]', { timeout: 20_000 });
    await page.keyboard.press('Escape');
    await settled(page, 'cancelled');
    expect((await badge(page)).word).toContain('≈');
    expect(await page.locator('.explain .drawing svg').count()).toBe(1);
    await page.waitForTimeout(400);
    expect((await badge(page)).word).toContain('≈');
    // The next choice computes at once.
    await andSettle(page, () => page.click('.thumb >> nth=1'), 'partial');
    await context.close();
  });

  // Story 7.
  test('a typed sentence; a click on a word shows how F changes', async () => {
    const { page, context } = await openPage(site, '#v=1&m=questions');
    await settled(page);
    await andSettle(page, () => page.fill('#text', 'who opened the old castle'));
    expect(await page.locator('.chip[aria-pressed="true"]').textContent()).toContain('person');
    await page.click('[data-word="0"]');
    await page.waitForSelector('.words .reading[data-change]');
    const change = Number(await page.getAttribute('.words .reading', 'data-change'));
    const explain = await explainer(models('questions/model.onnx'), { engine: 'wasm' });
    const ids = (words: string): number[] => {
      const vocabulary = readFileSync(models('questions/vocabulary.txt'), 'utf8').trimEnd().split('\n');
      return Array.from({ length: 12 }, (_, k) => {
        const word = words.split(' ')[k];
        return word === undefined ? 0 : Math.max(1, vocabulary.indexOf(word));
      });
    };
    const person = async (words: string): Promise<number> =>
      Number((await explain.predict([ids(words)])).outputs['logits']?.data[1]);
    expect(change).toBeCloseTo(
      (await person('away opened the old castle')) - (await person('who opened the old castle')),
      5,
    );
    await context.close();
  });

  // Story 8. Abs has no rule of Deep Taylor (docs/generated/ops.md).
  test('an op without a rule: its name, its node, the methods that remain; occlusion gives a map', async () => {
    const { page, context } = await openPage(site);
    await settled(page);
    const edges = modelFile({
      inputs: [value('x', ['N', 1, 4, 6])],
      nodes: [
        node('Abs', ['x'], ['sizes'], {}, { name: 'the sizes' }),
        node('GlobalAveragePool', ['sizes'], ['mean'], {}, { name: 'their mean' }),
        node('Flatten', ['mean'], ['y'], {}, { name: 'flat' }),
      ],
      outputs: [value('y', ['N', 1])],
    });
    // The mean of |x| over 24 places; a place that is occluded takes |x| / 24 with it.
    const picture = Float32Array.from({ length: 24 }, (_, i) => (i === 7 ? 12 : i === 20 ? -6 : 0));
    const input = new Uint8Array(writeNpy({ dtype: 'float32', shape: [1, 1, 4, 6], data: picture }));
    await drop(page, [
      { name: 'edges.onnx', bytes: edges },
      { name: 'x.npy', bytes: input },
    ]);
    await page.waitForFunction(() => location.hash.includes('x=file:'));
    await settled(page);
    expect(await page.textContent('#setup details')).toMatch(
      /One method.*Deep Taylor decomposition: node "the sizes" \(Abs\)/u,
    );
    await page.goto(`${site.url}#${new URLSearchParams(new URL(page.url()).hash.slice(1))}&method=deep-taylor`);
    await page.waitForSelector('.messages .error');
    expect(await page.textContent('.messages')).toMatch(
      /the sizes.*Abs.*Methods that this model allows: .*Occlusion/su,
    );
    await andSettle(page, async () => {
      await page.selectOption('#method', 'occlusion');
    });
    expect(await page.locator('.messages .error').count()).toBe(0);
    await page.focus('.explain .drawing');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowRight');
    expect(await page.textContent('.explain .reading')).toBe('column 2, row 2: +0.5');
    await context.close();
  });

  test('an op that is not known: its name, its node, and what to do; the page goes on', async () => {
    const { page, context } = await openPage(site);
    await settled(page);
    const strange = modelFile({
      inputs: [value('x', ['N', 4])],
      nodes: [node('QuantumRelu', ['x'], ['y'], {}, { name: 'the odd one' })],
      outputs: [value('y', ['N', 4])],
    });
    await drop(page, [{ name: 'strange.onnx', bytes: strange }]);
    await page.waitForSelector('.messages .error');
    expect(await page.textContent('.messages')).toMatch(/QuantumRelu/u);
    expect(await page.textContent('.messages')).toMatch(/the odd one/u);
    await andSettle(page, () => page.click('[data-model="penguins"]'));
    expect(await page.locator('.messages .error').count()).toBe(0);
    await context.close();
  });

  // Section 6, "truth": the numbers are those of the library in Node, bit for bit.
  test('a link gives the numbers that the library gives', async () => {
    const { page, context } = await openPage(site, '#v=1&x=sample:3&target=7&baseline=blur:2&tolerance=0.02');
    await settled(page);
    const path = await downloaded(page, () => page.click('[data-format="npy"]'));
    const preprocess = JSON.parse(readFileSync(models('fashion-mnist/preprocess.json'), 'utf8')) as Preprocessing;
    const explain = await explainer(models('fashion-mnist/model.onnx'), { engine: 'wasm', preprocess });
    const options = { target: 7, baseline: 'blur:2', tolerance: 0.02 } as const;
    const here = await explain(models('fashion-mnist/images/dress.png'), options);
    const there = readNpy(readFileSync(path), path);
    expect(there.shape).toEqual([1, 1, 28, 28]);
    expect(there.data).toEqual(Float32Array.from(here.attributions['image']?.data ?? [], Number));
    const first = await picture(page);
    const second = await openPage(site, new URL(page.url()).hash);
    await settled(second.page);
    expect(await picture(second.page)).toBe(first);
    await second.context.close();
    await context.close();
  });

  // Story 9.
  test('the exported page shows the same without script', async () => {
    const { page, context } = await openPage(site);
    await settled(page);
    const path = await downloaded(page, () => page.click('[data-format="html"]'));
    const offline = await site.browser.newContext({ javaScriptEnabled: false, offline: true });
    const report = await offline.newPage();
    await report.goto(`file://${path}`);
    const text = (await report.textContent('main')) ?? '';
    expect(text).toMatch(/Ankle boot.*Σ 14\.\d+.*integrated-gradients.*wasm/su);
    expect(await report.locator('.on-light svg image').count()).toBe(1);
    await offline.close();
    for (const format of ['svg', 'json', 'png'] as const) {
      const file = await downloaded(page, () => page.click(`[data-format="${format}"]`));
      expect(file.endsWith(`-integrated-gradients.${format}`)).toBe(true);
      const start = readFileSync(file).subarray(0, 8).toString('latin1');
      expect(start).toMatch({ svg: /^<svg/u, json: /^\{/u, png: /^.PNG/u }[format]);
    }
    await context.close();
  });

  test('the keyboard reads single values, chooses targets and screens, and lists its keys', async () => {
    const { page, context } = await openPage(site);
    await settled(page);
    await page.focus('.explain .drawing');
    for (const key of ['Shift+ArrowDown', 'Shift+ArrowRight', 'ArrowRight']) await page.keyboard.press(key);
    expect(await page.textContent('.explain .reading')).toMatch(/^column 12, row 11: [+−0]/u);
    await page.waitForFunction(() => document.getElementById('live')?.textContent?.startsWith('column 12'));
    await andSettle(page, () => page.keyboard.press('t'));
    expect(page.url()).toMatch(/target=\d/u);
    await page.keyboard.press('?');
    expect(await page.locator('dialog[open]').count()).toBe(1);
    await page.keyboard.press('Escape');
    // Arrow keys move along a row of chips; Enter chooses.
    await page.focus('.chip[tabindex="0"]');
    await page.keyboard.press('ArrowRight');
    await andSettle(page, () => page.keyboard.press('Enter'));
    expect(page.url()).toMatch(/target=\d/u);
    // Off while typing, and when they are switched off.
    await page.focus('#steps');
    const url = page.url();
    await page.keyboard.press('t');
    expect(page.url()).toBe(url);
    await context.close();
  });

  test('how the picture looks: signs, the strongest places, opacity, and the code that repeats it', async () => {
    const { page, context } = await openPage(site);
    await settled(page);
    const plain = await picture(page);
    await page.selectOption('#look-view', 'negative');
    await page.waitForFunction(
      (before) => document.querySelector('.explain .drawing svg')?.outerHTML !== before,
      plain,
    );
    expect(page.url()).toContain('view=negative');
    await page.locator('#look-top').fill('10');
    await page.waitForFunction(() => location.hash.includes('top=10'));
    await page.locator('#look-opacity').fill('40');
    await page.waitForSelector('.explain .drawing svg image[opacity="0.4"]');
    expect(await page.locator('.explain .drawing svg image').count()).toBe(2);
    await page.click('[data-format="code"]');
    expect(await page.textContent('.code')).toContain('npx pathwise attribute models/fashion-mnist/model.onnx');
    await context.close();
  });

  test('a model from elsewhere is loaded when the user agrees, and not before', async () => {
    const { page, context, strangers } = await openPage(
      site,
      '?model=https%3A%2F%2Fmodels.example%2Fpenguins.onnx#v=1&m=penguins',
    );
    await settled(page);
    expect(strangers).toEqual([]);
    await page.route('https://models.example/**', (route) =>
      route.fulfill({
        body: readFileSync(models('penguins/model.onnx')),
        headers: { 'access-control-allow-origin': '*' },
      }),
    );
    expect(await page.textContent('.offer')).toContain('models.example');
    await page.click('[data-offer="load"]');
    await page.waitForFunction(() => location.hash.includes('m=sha256:'));
    expect(strangers).toEqual(['https://models.example/penguins.onnx']);
    expect(await page.textContent('.offer')).toContain('3.47 kB');
    await context.close();
  });

  // Section 3, speed: closing a model frees it.
  test('models opened and closed in turn leave nothing behind on the page', async () => {
    const { page, context } = await openPage(site, '#v=1&m=penguins');
    await settled(page);
    const turn = async (): Promise<void> => {
      for (const model of ['fashion-mnist', 'penguins']) {
        await andSettle(page, () => page.click(`[data-model="${model}"]`));
      }
    };
    const used = async (): Promise<number> => {
      const session = await context.newCDPSession(page);
      await session.send('HeapProfiler.collectGarbage');
      const { usedSize } = await session.send('Runtime.getHeapUsage');
      await session.detach();
      return usedSize;
    };
    for (let k = 0; k < 3; k++) await turn();
    const before = await used();
    for (let k = 0; k < 12; k++) await turn();
    expect(await used()).toBeLessThan(before + 2e6);
    await context.close();
  });

  test('a bad link says so and falls back; a link about a file asks for it', async () => {
    const { page, context } = await openPage(site, '#v=1&tolerance=7&method=astrology');
    await settled(page);
    expect(await page.textContent('.messages')).toMatch(/tolerance=7.*astrology/su);
    expect(page.url()).not.toContain('astrology');
    await context.close();
    const asked = await openPage(site, `#v=1&m=sha256:${'0'.repeat(64)}`);
    await asked.page.waitForSelector('.messages .error');
    expect(await asked.page.textContent('.messages')).toContain('Drop that file');
    await asked.context.close();
  });
});
