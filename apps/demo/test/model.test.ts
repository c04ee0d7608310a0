import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { explainer, readNpy, type Preprocessing } from 'pathwise';
import { andSettle, browserPath, openPage, openSite, settled, type Site } from './browser.ts';
import { downloaded, models } from './files.ts';

describe.skipIf(browserPath === null)('the model screen', () => {
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
  }, 60_000);

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

describe.skipIf(browserPath === null)('the edge screen', () => {
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

  test('the files for other hosts: a core without imports, a plan that it loads, a worker of at most 20 lines', async () => {
    const { page, context } = await openPage(site, '#v=1&s=edge&m=penguins');
    await settled(page);
    const file = async (name: string): Promise<string> => downloaded(page, () => page.click(`[data-file="${name}"]`));
    const module = new WebAssembly.Module(readFileSync(await file('core')));
    expect(WebAssembly.Module.imports(module)).toEqual([]);
    const plan = readFileSync(await file('plan'));
    const { memory, pw_alloc, pw_plan_load } = new WebAssembly.Instance(module).exports as unknown as {
      memory: WebAssembly.Memory;
      pw_alloc(bytes: number): number;
      pw_plan_load(at: number, bytes: number): number;
    };
    const at = pw_alloc(plan.length);
    new Uint8Array(memory.buffer).set(plan, at);
    expect(pw_plan_load(at, plan.length)).toBeGreaterThanOrEqual(0);
    const code = readFileSync(await file('worker'), 'utf8');
    expect(code.trimEnd().split('\n').length).toBeLessThanOrEqual(20);
    expect(code).toContain("method: 'integrated-gradients'");
    await context.close();
  });
});
