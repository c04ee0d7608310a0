// Turns every ```ts sample of the Markdown pages and of the TSDoc comments into a test under .doctest/.
// In a sample, `expression; // => value` asserts: the value is compared deeply, numbers to 1e-6 relative.
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';
import { root } from './run.mjs';

const out = resolve(root, '.doctest');
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

let count = 0;
for (const file of sources()) {
  const samples = samplesOf(file);
  if (samples.length === 0) continue;
  const name = relative(root, file);
  const tests = samples.map(({ line, code }) => testOf(code, `${name}:${line}`)).join('\n');
  const imports = [...new Set(samples.flatMap(({ code }) => code.match(/^import [^;]+;$/gmu) ?? []))];
  writeFileSync(resolve(out, `${name.replaceAll(/[^a-z0-9]+/giu, '-')}.test.ts`), header(imports) + tests);
  count += samples.length;
}
console.log(`${count} samples`);

function* sources() {
  for (const folder of ['docs', 'packages', 'models', 'benchmarks']) yield* walk(resolve(root, folder));
  yield resolve(root, 'README.md');
  yield resolve(root, 'CONTRIBUTING.md');
}

function* walk(folder) {
  let entries;
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    if (entry.name === 'node_modules' || entry.name === 'dist' || entry.name === 'site') continue;
    const path = resolve(folder, entry.name);
    if (entry.isDirectory()) yield* walk(path);
    else if (/\.(md|ts)$/u.test(entry.name) && !entry.name.endsWith('.test.ts')) yield path;
  }
}

/** Fenced samples with the line they start at; in TypeScript files only those inside doc comments. */
function samplesOf(file) {
  const isCode = file.endsWith('.ts');
  const lines = readFileSync(file, 'utf8').split('\n');
  const strip = (line) => (isCode ? line.replace(/^\s*\* ?/u, '') : line);
  const samples = [];
  let open = null;
  for (const [i, raw] of lines.entries()) {
    const line = strip(raw);
    if (open === null && /^```ts\s*$/u.test(line) && (!isCode || /^\s*\*/u.test(raw))) open = { line: i + 1, code: [] };
    else if (open !== null && /^```\s*$/u.test(line)) {
      samples.push({ line: open.line, code: open.code.join('\n') });
      open = null;
    } else if (open !== null) open.code.push(line);
  }
  return samples;
}

function header(imports) {
  return `${imports.join('\n')}\nimport { expect, test } from 'vitest';\nimport { expectSample } from '../tools/expect-sample.ts';\n\nvoid expect;\nvoid expectSample;\n\n`;
}

function testOf(code, name) {
  const body = code
    .replaceAll(/^import [^;]+;$/gmu, '')
    .replaceAll(/^(.+?);\s*\/\/ => (.+)$/gmu, (_all, expression, value) => `expectSample(${expression}, ${value});`);
  return `test(${JSON.stringify(name)}, async () => {\n${body}\n}, 60_000);\n`;
}
