import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describeRange, methods, resolveParams } from '@pathwise/attribution';
import { ops, propagationBlockers, referenceEngine } from '@pathwise/ops';
import { PathwiseError } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import {
  ERRORS,
  WARNINGS,
  errorCodes,
  errorsPage,
  methodsPage,
  opsPage,
  optionsPage,
  propagationColumns,
} from './generate-docs.mjs';

const columns = propagationColumns(methods, resolveParams, propagationBlockers);
const docs = resolve(import.meta.dirname, '../docs');

/** A module of the command, from the sources. It is not exported, and the type build forbids the path as a literal. */
const ofCommand = (file: string): Promise<unknown> =>
  import(resolve(import.meta.dirname, '../packages/pathwise/src/cli', file));

const { exitCodeOf } = (await ofCommand('exit-codes.ts')) as { exitCodeOf: (error: unknown) => number };
const { commandHelp, overview } = (await ofCommand('help.ts')) as {
  commandHelp: (command: string) => string;
  overview: () => string;
};
const { COMMANDS } = (await ofCommand('options.ts')) as { COMMANDS: readonly string[] };

// When one of these fails: npx tsc -b && node tools/generate-docs.mjs
describe('generated pages are what the code says', () => {
  test.each([
    ['ops.md', () => opsPage(ops, [referenceEngine], columns)],
    ['methods.md', () => methodsPage(methods, describeRange)],
    ['errors.md', () => errorsPage(exitCodeOf, PathwiseError)],
    ['options.md', () => optionsPage(overview, commandHelp, COMMANDS)],
  ])('docs/generated/%s', (name, generate) => {
    expect(readFileSync(resolve(docs, 'generated', name), 'utf8')).toBe(generate());
  });
});

test('every error code is explained, and nothing else', () => {
  expect(errorCodes()).toContain('BAD_FILE');
  expect(Object.keys(ERRORS)).toEqual(errorCodes());
});

test('every warning code is explained, and nothing else', () => {
  const packages = resolve(docs, '../packages');
  const files = readdirSync(packages, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /^[a-z]+[/\\]src[/\\].*\.ts$/u.test(file) && !file.endsWith('.test.ts'),
  );
  const used = new Set(
    files.flatMap((file) =>
      [...readFileSync(resolve(packages, file), 'utf8').matchAll(/\b(?:code: |warn\(\s*)'([\w-]+)'/gu)].map(
        ([, code]) => code as string,
      ),
    ),
  );
  for (const code of errorCodes()) used.delete(code);
  expect([...used].sort()).toEqual(Object.keys(WARNINGS).sort());
});

test('every method has a page, and every page a method', () => {
  const pages = readdirSync(resolve(docs, 'methods')).map((name) => name.replace(/\.md$/u, ''));
  expect(pages.sort()).toEqual(methods.map(({ id }) => id).sort());
});

test.each(methods.map(({ id }) => [id]))('the page of %s shows how to call it', (id) => {
  const path = resolve(docs, 'methods', `${id}.md`);
  expect(existsSync(path) && readFileSync(path, 'utf8')).toContain(`'${id}'`);
});

// Independent of the generator: these hold by the meaning of the ops (ONNX operator documentation).
test('the op table says what is known of some ops', () => {
  const rows = new Map(
    opsPage(ops, [referenceEngine], columns)
      .split('\n')
      .map((line) => [line.split(' | ')[0], line]),
  );
  expect(rows.get('| Relu')).toMatch(
    / \| value \| direct \| – \| all \| yes \| unary \| yes \| yes \| yes \| yes \|$/u,
  );
  expect(rows.get('| Sigmoid')).toMatch(/ \| unary \| yes \| – \| yes \| yes \|$/u);
  expect(rows.get('| TopK')).toMatch(/ \| max \| yes \| yes \| – \| yes \|$/u);
  expect(rows.get('| MatMul')).toMatch(/ \| value, value \| direct \| 0 or 1 \| 0 or 1 \| – \| /u);
  expect(rows.get('| Floor')).toMatch(/ \| zero \| zero \| – \| /u);
});
