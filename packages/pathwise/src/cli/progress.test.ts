import { expect, test } from 'vitest';
import { formatPercent, progressBar, progressLine } from './progress.ts';

test('a line', () => {
  expect(progressLine({ phase: 'integrate', done: 12, total: 24, error: 0.083 })).toBe(
    `integrate  ${'█'.repeat(12)}${'░'.repeat(12)}  12/24  error 8.3 %`,
  );
  expect(progressLine({ phase: 'x', done: 3, total: 0 })).toBe(`x  ${'░'.repeat(24)}  3/0`);
  expect(progressLine({ phase: 'x', done: 9, total: 3 })).toBe(`x  ${'█'.repeat(24)}  9/3`);
});

test.each([
  [0, '0 %'],
  [0.0421, '4.2 %'],
  [-1.234, '-120 %'],
  [1e-6, '0.0001 %'],
  [3e-14, 'under 0.0001 %'],
])('%d is %s', (share, text) => {
  expect(formatPercent(share)).toBe(text);
});

test('only terminals see a bar, and it goes away', () => {
  const written: string[] = [];
  const write = (text: string): void => void written.push(text);
  const silent = progressBar({ write });
  silent.update({ phase: 'x', done: 1, total: 2 });
  silent.clear();
  expect(written).toEqual([]);
  const bar = progressBar({ write, isTTY: true, columns: 20 });
  bar.update({ phase: 'integrate', done: 1, total: 2 });
  bar.clear();
  bar.clear();
  expect(written).toEqual([`\r\u001B[Kintegrate  ████████`, '\r\u001B[K']);
});
