import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installed } from './scripts.mjs';

const here = import.meta.dirname;

/** Does the worker bundle for Cloudflare, without an account and without a network? */
export function wranglerBundle() {
  return installed('wrangler', (wrangler) => {
    const folder = mkdtempSync(join(tmpdir(), 'pathwise-wrangler-'));
    try {
      for (const file of ['worker.mjs', 'conformance.mjs', 'conformance.bin', '../wasm/core.wasm']) {
        cpSync(join(here, file), join(folder, file.split('/').pop()));
      }
      writeFileSync(join(folder, 'wrangler.toml'), CONFIGURATION);
      const env = { ...process.env, WRANGLER_SEND_METRICS: 'false', CI: 'true' };
      execFileSync(wrangler, ['deploy', '--dry-run', '--outdir', 'out'], {
        cwd: folder,
        env,
        timeout: 120_000,
        stdio: 'pipe',
      });
      const files = readdirSync(join(folder, 'out'));
      const failures = files.some((name) => name.endsWith('.wasm'))
        ? []
        : [`no core in the bundle: ${files.join(', ')}`];
      return { host: 'wrangler deploy --dry-run', checks: 1, cases: 1, failures };
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
}

const CONFIGURATION = `name = "pathwise-conformance"
main = "worker.mjs"
compatibility_date = "2026-04-01"
[[rules]]
type = "Data"
globs = ["**/*.bin"]
`;
