// A small page that uses `pathwise`, bundled by Vite, webpack and esbuild, and run in Chromium.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inChromium } from './chromium.mjs';
import { compared, ROW } from './examples.mjs';

const root = resolve(import.meta.dirname, '../../..');
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.wasm': 'application/wasm',
};
const HTML = (script) => `<!doctype html><meta charset="utf-8" /><body><script type="module" src="${script}"></script>`;

export function vitePage() {
  return bundledPage(async (folder, out) => {
    const { build, version } = await import('vite');
    cpSync(join(root, 'examples/bundled/page.mjs'), join(folder, 'page.mjs'));
    writeFileSync(join(folder, 'index.html'), HTML('./page.mjs'));
    await build({
      root: folder,
      configFile: false,
      logLevel: 'error',
      base: './',
      worker: { format: 'es' },
      build: { outDir: out, target: 'es2022' },
    });
    return `Vite ${version}`;
  });
}

export function webpackPage() {
  return bundledPage(async (folder, out) => {
    const { default: webpack } = await import('webpack');
    const stats = await new Promise((done, fail) => {
      const entry = join(root, 'examples/bundled/page.mjs');
      const output = { path: out, filename: 'page.js', module: true, chunkFormat: 'module' };
      const experiments = { outputModule: true };
      webpack(
        { mode: 'production', performance: false, target: ['web', 'es2022'], entry, output, experiments },
        (error, result) => (error ? fail(error) : done(result)),
      );
    });
    const { errors, warnings } = stats.toJson({ errors: true, warnings: true });
    const said = [...errors, ...warnings];
    if (said.length > 0)
      throw new Error(
        said.map(({ message, moduleName, loc }) => `${moduleName ?? ''}:${loc ?? ''}: ${message}`).join('\n'),
      );
    writeFileSync(join(out, 'index.html'), HTML('./page.js'));
    return `webpack ${webpack.version}`;
  });
}

export function esbuildPage() {
  return bundledPage(async (folder, out) => {
    const { build, version } = await import('esbuild');
    const { warnings } = await build({
      entryPoints: [join(root, 'examples/bundled/page-esbuild.mjs')],
      bundle: true,
      format: 'esm',
      splitting: true,
      minify: true,
      target: 'es2022',
      loader: { '.wasm': 'file' },
      outdir: out,
      logLevel: 'silent',
    });
    if (warnings.length > 0) throw new Error(warnings.map(({ text }) => text).join('\n'));
    writeFileSync(join(out, 'index.html'), HTML('./page-esbuild.js'));
    return `esbuild ${version}`;
  });
}

/** The engine tfjs on the WebGL backend, which here is drawn by software: the same attributions, and no tensor is left. */
export function webglPage() {
  return inBundleFolder(async (_, out) => {
    const { build } = await import('esbuild');
    const entryPoints = [join(import.meta.dirname, 'webgl-page.mjs')];
    await build({ entryPoints, bundle: true, format: 'esm', splitting: true, outdir: out, logLevel: 'silent' });
    cpSync(join(root, 'packages/wasm/wasm/core.wasm'), join(out, 'wasm/core.wasm'));
    writeFileSync(join(out, 'index.html'), HTML('./webgl-page.js'));
    const shown = await shownBy(out);
    if ('skipped' in shown) return shown;
    const { error, backend, leaked, onWebgl, own } = shown;
    if (error !== undefined) throw new Error(error);
    const report = compared('TensorFlow.js 4.22 on WebGL, in Chromium', onWebgl, own, 1e-5);
    if (backend !== 'webgl') report.failures.push(`it ran on ${backend}`);
    if (leaked !== 0) report.failures.push(`${leaked} tensors are left`);
    return report;
  });
}

/** Bundles, serves what came out, and compares what the page shows with Node. */
function bundledPage(bundle) {
  return inBundleFolder(async (folder, out) => {
    const host = await bundle(folder, out);
    cpSync(join(root, 'models/penguins/model.onnx'), join(out, 'model.onnx'));
    const shown = await shownBy(out);
    if ('skipped' in shown) return shown;
    if (shown.engine !== 'wasm') throw new Error(`the page computed on ${shown.engine}`);
    return compared(`${host}, in Chromium`, shown.attributions, await expected());
  });
}

/** A folder within the repository, so that packages are found. */
async function inBundleFolder(run) {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: root, stdio: 'pipe' });
  mkdirSync(join(root, 'pathwise-out'), { recursive: true });
  const folder = mkdtempSync(join(root, 'pathwise-out/bundle-'));
  try {
    return await run(folder, join(folder, 'out'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What the page of a folder writes into its body, as JSON. */
function shownBy(folder) {
  return inChromium(filesOf(folder), async (page) => {
    const text = await page.waitForFunction(
      () => document.body.textContent.startsWith('{') && document.body.textContent,
      undefined,
      { timeout: 60_000 },
    );
    return JSON.parse(await text.jsonValue());
  });
}

/** The files of a folder by their paths, with a page for `/`. */
function filesOf(folder) {
  return (path) => {
    const file = join(folder, path === '/' ? 'index.html' : path);
    return existsSync(file) ? [TYPES[extname(file)] ?? 'application/octet-stream', readFileSync(file)] : null;
  };
}

/** What the page computes, in this process. */
async function expected() {
  const { explainer } = await import(pathToFileURL(join(root, 'packages/pathwise/dist/index.js')).href);
  const explain = await explainer(join(root, 'models/penguins/model.onnx'), { engine: 'wasm' });
  const { attributions } = await explain([ROW], { target: 0, steps: 32 });
  return [...attributions.features.data];
}
