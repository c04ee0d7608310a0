// The programs of examples/edge, each run as its reader would, against what the plan gives here.
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { installed } from './scripts.mjs';

const here = import.meta.dirname;
const root = resolve(here, '../../..');
const examples = join(root, 'examples/edge');
const native = join(here, '../native');

/** A penguin, and the number of points that every example takes. */
export const ROW = [38.1, 16.5, 198, 3825, 1, 0, 0, 1, 0];
const STEPS = 32;
const TIMEOUT = { timeout: 120_000, stdio: ['ignore', 'pipe', 'pipe'] };

export function denoExample() {
  return installed('deno', (deno) =>
    withPlan(async ({ plan }) => {
      const args = ['run', '--no-lock', '--allow-read', 'deno.mjs', plan, JSON.stringify(ROW)];
      return compared('deno.mjs', JSON.parse(output(deno, args)).attributions, await expected(plan));
    }),
  );
}

export function bunExample() {
  return installed('bun', (bun) =>
    withPlan(async ({ plan }) => {
      const text = output(bun, ['run', 'bun.mjs', plan, JSON.stringify(ROW)]);
      return compared('bun.mjs', JSON.parse(text).attributions, await expected(plan));
    }),
  );
}

/** The worker as wrangler bundles it, without a network, and that bundle in Cloudflare's runtime. */
export function workerExample() {
  return installed('wrangler', (wrangler) =>
    withPlan(async ({ folder, plan }) => {
      for (const file of ['worker.mjs', 'wrangler.toml']) cpSync(join(examples, file), join(folder, file));
      const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' };
      execFileSync(wrangler, ['deploy', '--dry-run', '--outdir', 'out'], { cwd: folder, env, ...TIMEOUT });
      const answer = await answerOf(join(folder, 'out'));
      return compared('worker.mjs in workerd', answer.attributions, await expected(plan));
    }),
  );
}

async function answerOf(bundle) {
  const { Miniflare } = await import('miniflare');
  const types = { js: 'ESModule', wasm: 'CompiledWasm', plan: 'Data' };
  const files = readdirSync(bundle).filter((name) => name.split('.').at(-1) in types);
  // The entry comes first.
  files.sort((a, b) => Number(b.endsWith('.js')) - Number(a.endsWith('.js')));
  const modules = files.map((path) => {
    return { type: types[path.split('.').at(-1)], path, contents: readFileSync(join(bundle, path)) };
  });
  const miniflare = new Miniflare({
    compatibilityDate: '2026-04-01',
    modules: modules.map((m) => (m.type === 'ESModule' ? { ...m, contents: m.contents.toString() } : m)),
  });
  try {
    const post = (body) => miniflare.dispatchFetch('http://localhost/', { method: 'POST', body: JSON.stringify(body) });
    const refused = await post([1]);
    if (refused.status !== 400) throw new Error(`a short row got the status ${refused.status}`);
    return await (await post(ROW)).json();
  } finally {
    await miniflare.dispose();
  }
}

/** The core compiled natively into a C program. */
export function cExample() {
  try {
    execFileSync('cc', ['--version'], { stdio: 'ignore' });
  } catch {
    return { skipped: 'no C compiler (cc) here' };
  }
  return withPlan(async ({ folder, plan }) => {
    const program = join(folder, 'attribute');
    const flags = [
      '-std=c17',
      '-O2',
      '-Wall',
      '-Wextra',
      '-Wno-psabi',
      '-Werror',
      '-ffp-contract=off',
      '-fno-math-errno',
    ];
    execFileSync('cc', [...flags, '-I', native, 'main.c', join(native, 'core.c'), '-lm', '-o', program], {
      cwd: examples,
      ...TIMEOUT,
    });
    const lines = output(program, [plan, '0', ...ROW.map(String)])
      .trim()
      .split('\n');
    // It prints nine digits, and takes midpoints.
    return compared('main.c', lines.map(Number), await expected(plan, 'midpoint'), 1e-7);
  });
}

/** Compiles the penguins to a plan in a folder of its own, within the repository so that packages are found. */
async function withPlan(run) {
  execFileSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b'], { cwd: root, ...TIMEOUT });
  mkdirSync(join(root, 'pathwise-out'), { recursive: true });
  const folder = mkdtempSync(join(root, 'pathwise-out/edge-'));
  try {
    const plan = join(folder, 'penguins.plan');
    const command = join(root, 'packages/pathwise/bin/pathwise.js');
    const model = join(root, 'models/penguins');
    const args = ['compile', `${model}/model.onnx`, '--labels', `${model}/labels.txt`, '-o', plan];
    execFileSync(process.execPath, [command, ...args], TIMEOUT);
    return await run({ folder, plan });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function output(program, args) {
  return execFileSync(program, args, { cwd: examples, ...TIMEOUT }).toString();
}

/** What the plan gives in this process. */
async function expected(path, quadrature = 'gauss-legendre') {
  const { openPlan } = await import('../dist/edge/index.js');
  const plan = await openPlan(readFileSync(path));
  const { attributions } = await plan.attribute(ROW, { steps: STEPS, quadrature });
  return [...attributions.features.data];
}

/** The same bits, unless a tolerance (of the largest value) is given. */
export function compared(host, actual, wanted, tolerance = 0) {
  const allowed = tolerance * Math.max(...wanted.map(Math.abs));
  const same = actual.length === wanted.length && actual.every((v, i) => Math.abs(v - wanted[i]) <= allowed);
  const failures = same ? [] : [`expected ${wanted.join(' ')}, got ${actual.join(' ')}`];
  return { host, checks: wanted.length, cases: 1, failures };
}
