import { expect, test } from 'vitest';
import { readCsv } from './csv.ts';
import { DEFAULT_LIMITS } from './limits.ts';

const read = (text: string) => readCsv(new TextEncoder().encode(text), 'a.csv');

test.each([
  ['comma', '1,2\n3,4\n'],
  ['semicolon, no end of line', '1;2\n3;4'],
  ['tab, Windows line ends', '1\t2\r\n3\t4\r\n'],
  ['blank lines and spaces', ' 1 ,2\n\n3, 4\n\n'],
  ['byte order mark', '\uFEFF1,2\n3,4'],
  ['quotes', '"1","2"\n"3","4"'],
])('%s', (_, text) => {
  expect(read(text)).toEqual({
    values: { dtype: 'float64', shape: [2, 2], data: Float64Array.of(1, 2, 3, 4) },
    columns: null,
  });
});

test('a header names the columns; RFC 4180 quotes hold separators and quotes', () => {
  const { columns, values } = read('"beak, mm","the ""mass"""\n-1.5e3,.25\n');
  expect(columns).toEqual(['beak, mm', 'the "mass"']);
  expect([...values.data]).toEqual([-1500, 0.25]);
});

test('errors name line and column', () => {
  expect(() => read('a,b\n1,x\n')).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.csv: line 2, column 2: "x" is no number. Encode text first]`,
  );
  expect(() => read('1,2\n3\n')).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.csv: line 2 has 1 cells, the first has 2]`,
  );
  expect(() => read('1,\n')).toThrowErrorMatchingInlineSnapshot(`[PathwiseError: a.csv: holds no lines of numbers]`);
  expect(() => read('a,"b\n1,2\n')).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.csv: line 1: a quote is never closed]`,
  );
  expect(() => read('1,"2"x\n')).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.csv: line 1: text after a closing quote]`,
  );
  expect(() => read('')).toThrowErrorMatchingInlineSnapshot(`[PathwiseError: a.csv: holds no lines of numbers]`);
  expect(() => readCsv(Uint8Array.of(0xff, 0xfe), 'a.csv')).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.csv: is not UTF-8 text]`,
  );
  expect(() =>
    readCsv(new TextEncoder().encode('1,2\n3,4'), 'a.csv', { ...DEFAULT_LIMITS, maxElements: 3 }),
  ).toThrowErrorMatchingInlineSnapshot(
    `[PathwiseError: a.csv: an array of shape [2,2] has more than the 3 elements that are allowed]`,
  );
});
