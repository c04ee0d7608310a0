// Everything that must hold before a change lands; the cheap checks first. Closes with "N passed, N failed".
import { readFileSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pnpm, root, run } from './run.mjs';

const report = resolve(root, 'node_modules/.cache/vitest.json');
rmSync(report, { force: true });

const steps = [
  ['format', () => pnpm(['exec', 'oxfmt', '--check'])],
  ['lint', () => pnpm(['exec', 'oxlint', '--deny-warnings'])],
  ['types', () => pnpm(['exec', 'tsc', '-b'])],
  ['samples of the documentation', () => run(process.execPath, ['tools/doctest.mjs'])],
  [
    'tests',
    () => pnpm(['exec', 'vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`]),
  ],
  ['packages', () => pnpm(['exec', 'turbo', 'run', 'pack:check', '--output-logs=errors-only'])],
  ['API reports', () => run(process.execPath, ['tools/api-reports.mjs'])],
  ['unused code and dependencies', () => pnpm(['exec', 'knip'])],
  ['workspace', () => pnpm(['exec', 'sherif'])],
  ['API documentation', () => pnpm(['exec', 'typedoc', '--emit', 'none', '--logLevel', 'Warn'])],
];

const failed = [];
for (const [name, step] of steps) {
  console.log(`\n== ${name}`);
  const started = Date.now();
  const ok = step();
  console.log(`${ok ? 'ok' : 'FAILED'}: ${name} (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  if (!ok) failed.push(name);
}

const tests = testCounts();
const badSteps = failed.filter((name) => name !== 'tests' || tests.failed === 0);
const passed = tests.passed + steps.length - failed.length;
const bad = tests.failed + badSteps.length;
if (failed.length > 0) console.log(`\nFailed: ${failed.join(', ')}`);
console.log(`\n${passed} passed, ${bad} failed, ${tests.skipped} skipped`);
process.exit(bad === 0 ? 0 : 1);

function testCounts() {
  try {
    const { numPassedTests, numFailedTests, numPendingTests, numTodoTests } = JSON.parse(readFileSync(report, 'utf8'));
    return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}
