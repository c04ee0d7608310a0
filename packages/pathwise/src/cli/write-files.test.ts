import { mkdtemp, readdir, readFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { writeFiles } from './write-files.ts';

/** Places that nothing may be moved to. */
const refused = vi.hoisted(() => new Set<string>());
vi.mock('node:fs/promises', async (original) => {
  const fs = await original<typeof import('node:fs/promises')>();
  return {
    ...fs,
    rename: (from: string, to: string) =>
      refused.has(to)
        ? Promise.reject(Object.assign(new Error('no'), { code: 'EACCES', syscall: 'rename' }))
        : fs.rename(from, to),
  };
});

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pathwise-write-'));
});
afterEach(() => {
  refused.clear();
  return rm(folder, { recursive: true });
});

const at = (name: string): string => join(folder, name);
const text = (name: string): Promise<string> => readFile(at(name), 'utf8');

test('files appear with their content and nothing else stays', async () => {
  await writeFile(at('b'), 'old');
  await writeFiles([
    { path: at('a'), content: 'one' },
    { path: at('b'), content: Uint8Array.of(116, 119, 111) },
  ]);
  expect(await text('a')).toBe('one');
  expect(await text('b')).toBe('two');
  expect((await readdir(folder)).sort()).toEqual(['a', 'b']);
});

test('one that cannot be written leaves all as they were', async () => {
  await writeFile(at('a'), 'old');
  const files = [
    { path: at('a'), content: 'new' },
    { path: at('missing/b'), content: 'new' },
  ];
  await expect(writeFiles(files)).rejects.toMatchObject({ code: 'BAD_FILE', place: { file: at('missing/b') } });
  expect(await text('a')).toBe('old');
  expect(await readdir(folder)).toEqual(['a']);
});

test('a move that fails takes the earlier ones back', async () => {
  await writeFile(at('a'), 'old');
  refused.add(at('c'));
  const files = ['a', 'fresh', 'c', 'never'].map((name) => ({ path: at(name), content: 'new' }));
  await expect(writeFiles(files)).rejects.toMatchObject({ code: 'BAD_FILE', place: { file: at('c') } });
  expect(await text('a')).toBe('old');
  expect(await readdir(folder)).toEqual(['a']);
});

test('a single move that fails leaves the old file', async () => {
  await writeFile(at('c'), 'old');
  refused.add(at('c'));
  await expect(writeFiles([{ path: at('c'), content: 'new' }])).rejects.toMatchObject({ code: 'BAD_FILE' });
  expect(await text('c')).toBe('old');
  expect(await readdir(folder)).toEqual(['c']);
});

test('a folder of that name', async () => {
  await mkdir(at('a.npy'));
  await expect(writeFiles([{ path: at('a.npy'), content: '' }])).rejects.toMatchObject({ code: 'BAD_FILE' });
  expect(await readdir(folder)).toEqual(['a.npy']);
});

test('cancelled: nothing is written', async () => {
  await expect(writeFiles([{ path: at('a'), content: 'x' }], AbortSignal.abort())).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  expect(await readdir(folder)).toEqual([]);
});
