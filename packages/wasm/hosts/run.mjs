// Runs the conformance file in every host, and the programs of examples/edge: node packages/wasm/hosts/run.mjs [HOST ...]. What the hosts need is installed
// into this folder first. A host that cannot be had here is skipped, visibly; one that fails makes the command fail.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { ensureCore } from '../tools/build.mjs';
import { esbuildPage, vitePage, webglPage, webpackPage } from './bundlers.mjs';
import { chromiumHost } from './chromium.mjs';
import { bunExample, cExample, denoExample, workerExample } from './examples.mjs';
import { bunHost, denoHost, nodeHost } from './scripts.mjs';
import { wasmtimeHost } from './wasmtime.mjs';
import { workerdHost } from './workerd.mjs';
import { wranglerBundle } from './wrangler.mjs';

/** Each gives a report (conformance.mjs), or the reason why it is skipped. */
const hosts = {
  node: nodeHost,
  deno: denoHost,
  bun: bunHost,
  workerd: workerdHost,
  chromium: chromiumHost,
  wasmtime: wasmtimeHost,
  'wrangler bundle': wranglerBundle,
  'deno example': denoExample,
  'bun example': bunExample,
  'worker example': workerExample,
  'C example': cExample,
  'vite page': vitePage,
  'webpack page': webpackPage,
  'esbuild page': esbuildPage,
  'webgl page': webglPage,
};

const LARGEST_GZIPPED = 100_000;

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in hosts));
if (unknown.length > 0) {
  console.error(`no host ${unknown.join(', ')}; there are: ${Object.keys(hosts).join(', ')}`);
  process.exit(2);
}

const here = import.meta.dirname;
if (!existsSync(`${here}/node_modules/.package-lock.json`)) {
  console.log('installing the hosts (once, about 400 MB)');
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: here,
    stdio: 'inherit',
  });
}
await ensureCore();

const counts = { passed: 0, failed: 0, skipped: 0 };
for (const [name, host] of Object.entries(hosts)) {
  if (asked.length > 0 && !asked.includes(name)) continue;
  const started = performance.now();
  const outcome = await run(host);
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  counts[outcome.state]++;
  console.log(
    `${outcome.state === 'failed' ? 'FAILED ' : outcome.state} ${name.padEnd(16)} ${outcome.text} (${seconds} s)`,
  );
}
const gzipped = gzipSync(readFileSync(`${here}/../wasm/core.wasm`)).length;
console.log(`core.wasm: ${gzipped} bytes gzipped`);
if (gzipped > LARGEST_GZIPPED) counts.failed++;
console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exit(counts.failed === 0 ? 0 : 1);

async function run(host) {
  try {
    const outcome = await host();
    if ('skipped' in outcome) return { state: 'skipped', text: outcome.skipped };
    if (outcome.failures.length > 0)
      return { state: 'failed', text: `${outcome.host}\n  ${outcome.failures.join('\n  ')}` };
    return { state: 'passed', text: `${outcome.host}: ${outcome.checks} checks, ${outcome.cases} cases` };
  } catch (error) {
    return { state: 'failed', text: error.stderr?.toString() || error.stack };
  }
}
