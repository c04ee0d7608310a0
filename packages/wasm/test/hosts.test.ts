import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ensureCore } from '../tools/build.mjs';
import { chosenCases, conformanceFile } from './conformance-file.ts';
import { runConformance } from '../hosts/conformance.mjs';
import { corePath } from './instance.ts';

beforeAll(ensureCore, 120_000);

const path = resolve(import.meta.dirname, '../hosts/conformance.bin');

// Stale after a change of the compiler or the core: UPDATE=conformance npx vitest run packages/wasm/test/hosts.test.ts
test('the conformance file of the hosts is what this compiler and this core make', async () => {
  const cases = chosenCases();
  const file = await conformanceFile(cases);
  if (process.env['UPDATE'] === 'conformance') writeFileSync(path, file);
  expect(Buffer.compare(readFileSync(path), file)).toBe(0);
  expect(cases.length).toBeGreaterThan(50);
});

test('the core passes it in this host', () => {
  const report = runConformance(new WebAssembly.Module(readFileSync(corePath)), readFileSync(path));
  expect(report).toMatchObject({ failures: [], differing: 0 });
  expect(report.checks).toBeGreaterThan(100);
});
