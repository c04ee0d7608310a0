import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPlan } from '@pathwise/wasm/edge';
import { explainer, readNpy, type Preprocessing } from 'pathwise';
import { andSettle, browserPath, openPage, openSite, settled, type Site } from './browser.ts';
import { downloaded, models } from './files.ts';

describe.skipIf(browserPath === null)('the model screen', { timeout: 90_000 }, () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  }, 120_000);
  afterAll(() => site?.close());

  const fashion = async (): ReturnType<typeof explainer> =>
    explainer(models('fashion-mnist/model.onnx'), {
      engine: 'wasm',
      preprocess: JSON.parse(readFileSync(models('fashion-mnist/preprocess.json'), 'utf8')) as Preprocessing,
    });

  test('a click on a layer gives its conductance, as the library does; Back takes it away', async () => {
    const { page, context, errors } = await openPage(site, '#v=1&s=model');
    await settled(page);
    expect(await page.locator('.graph .box').count()).toBe(39);
    await andSettle(page, () => page.click('.box[data-layer="conv1"]'));
    expect(page.url()).toMatch(/method=layer-conductance.*layer=conv1/u);
    expect(await page.locator('.box.chosen').getAttribute('data-layer')).toBe('conv1');
    const path = await downloaded(page, () => page.click('[data-format="npy"]'));
    const explain = await fashion();
    const { attributions } = await explain(models('fashion-mnist/images/ankle-boot.png'), {
      method: 'layer-conductance',
      layer: 'conv1',
    });
    expect(readNpy(readFileSync(path), path).data).toEqual(
      Float32Array.from(attributions['conv1']?.data ?? [], Number),
    );
    await andSettle(page, () => page.goBack());
    expect(await page.locator('.layer').isVisible()).toBe(false);
    expect(errors).toEqual([]);
    await context.close();
  });

  test('by keyboard: a layer from the list, then one neuron of it', async () => {
    const { page, context } = await openPage(site, '#v=1&s=model&m=penguins');
    await settled(page);
    await page.focus('#layer-name');
    await andSettle(page, () => page.selectOption('#layer-name', 'hidden1'));
    await andSettle(page, () => page.selectOption('#method', 'neuron-gradient'), 'failed');
    expect(await page.textContent('.messages .error')).toMatch(/neuron/u);
    await page.fill('#neuron', '3');
    await andSettle(page, () => page.keyboard.press('Enter'));
    expect(await page.textContent('.model h2')).toContain('hidden1 [3]');
    await context.close();
  });

  test('what the model is made of, and which engines run it', async () => {
    const { page, context } = await openPage(site, '#v=1&s=model&m=questions');
    await settled(page);
    const text = (await page.textContent('.model')) ?? '';
    // models/questions/README.md
    expect(text).toMatch(/Parameters1,500/u);
    expect(text).toMatch(/wasmyes/u);
    await context.close();
  });
});

describe.skipIf(browserPath === null)('the edge screen', { timeout: 90_000 }, () => {
  let site: Site;
  beforeAll(async () => {
    site = await openSite();
  }, 120_000);
  afterAll(() => site?.close());

  test('says what the browser has, and measures', async () => {
    const { page, context } = await openPage(site, '#v=1&s=edge&m=penguins');
    await settled(page);
    expect(await page.textContent('.edge table')).toMatch(/SIMD \(128 bits\)yes.*Workersyes/su);
    await andSettle(page, () => page.click('#benchmark'));
    expect(await page.textContent('.edge')).toMatch(/wasm \(float32, SIMD\).*points a second.*reference \(float64\)/su);
    await context.close();
  });

  // Of the file names a bundler would make a data module; here the text is changed by hand.
  test('the files for other hosts: a core without imports, a plan, and a worker that answers as the page does', async () => {
    const { page, context } = await openPage(site, '#v=1&s=edge&m=penguins&x=sample:2&target=1&steps=20');
    await settled(page);
    const file = async (name: string): Promise<string> => downloaded(page, () => page.click(`[data-file="${name}"]`));
    const core = readFileSync(await file('core'));
    expect(WebAssembly.Module.imports(new WebAssembly.Module(core))).toEqual([]);
    const bytes = readFileSync(await file('plan'));
    const code = readFileSync(await file('worker'), 'utf8');
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    const body = code.slice(code.indexOf('const plan')).replace('export default', 'return');
    const source = encodeURIComponent(`export const make = (openPlan, file) => { ${body} };`);
    const { make } = (await import(/* @vite-ignore */ `data:text/javascript,${source}`)) as {
      make(open: () => ReturnType<typeof openPlan>, file: Uint8Array): { fetch(request: Request): Promise<Response> };
    };
    const worker = make(() => openPlan(bytes, { core }), bytes);
    const rows = readFileSync(models('penguins/rows.csv'), 'utf8').trim().split('\n');
    const row = (rows[3] ?? '').split(',').map(Number);
    const post = (content: unknown): Promise<Response> =>
      worker.fetch(new Request('http://localhost/', { method: 'POST', body: JSON.stringify(content) }));
    const answer = (await (await post(row)).json()) as { attributions: { features: number[] }; target: string };
    expect(answer.target).toBe('logits[1]');
    expect((await post([1])).status).toBe(400);
    await page.goto(`${site.url}${new URL(page.url()).hash.replace('s=edge', 's=explain')}`);
    await page.waitForSelector('.explain[data-state="done"]');
    const npy = await downloaded(page, () => page.click('[data-format="npy"]'));
    expect(answer.attributions.features).toBeClose(readNpy(readFileSync(npy), npy).data, { rtol: 1e-4, scale: 1 });
    await context.close();
  });

  test('a model that has no plan: the reason, and the worker stays on the screen', async () => {
    const { page, context } = await openPage(site, '#v=1&s=edge&m=questions');
    await settled(page);
    await page.click('[data-file="plan"]');
    await page.waitForSelector('.messages .error');
    expect(await page.textContent('.messages')).toMatch(/Token ids are not supported in plan files/u);
    await context.close();
  });
});
