import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const isBuilt = existsSync(fileURLToPath(new URL('../dist/index.js', import.meta.url)));
if (!isBuilt) console.warn('skipped: the test of TensorFlow.js in plain Node, as the packages are not built');

test.runIf(isBuilt)('the built package and TensorFlow.js work together in plain Node', () => {
  const script = fileURLToPath(new URL('plain-node.mjs', import.meta.url));
  expect(execFileSync(process.execPath, [script], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })).toContain(
    'as expected',
  );
});
