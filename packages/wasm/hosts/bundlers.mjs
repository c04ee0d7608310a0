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

/** Bundles in a folder of its own, serves what came out, and compares what the page shows with Node. */
async function bundledPage(bundle) {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: root, stdio: 'pipe' });
  mkdirSync(join(root, 'pathwise-out'), { recursive: true });
  const folder = mkdtempSync(join(root, 'pathwise-out/bundle-'));
  try {
    const out = join(folder, 'out');
    const host = await bundle(folder, out);
    cpSync(join(root, 'models/penguins/model.onnx'), join(out, 'model.onnx'));
    const shown = await inChromium(filesOf(out), async (page) => {
      const text = await page.waitForFunction(
        () => document.body.textContent.startsWith('{') && document.body.textContent,
        undefined,
        { timeout: 60_000 },
      );
      return JSON.parse(await text.jsonValue());
    });
    if ('skipped' in shown) return shown;
    if (shown.engine !== 'wasm') throw new Error(`the page computed on ${shown.engine}`);
    return compared(`${host}, in Chromium`, shown.attributions, await expected());
  } finally {
    rmSync(folder, { recursive: true });
  }
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
