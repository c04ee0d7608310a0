import { describe, expect, test } from 'vitest';
import { shorten, textWidth, wrapText } from './text-width.ts';

describe('textWidth', () => {
  test('grows with the text and the size; combining marks take no room, full-width signs an em and the margin', () => {
    expect(textWidth('', 12)).toBe(0);
    expect(textWidth('MM', 10)).toBeGreaterThan(textWidth('ii', 10));
    expect(textWidth('abc', 20)).toBeClose(2 * textWidth('abc', 10), { atol: 1e-9 });
    expect(textWidth('e\u0301', 10)).toBe(textWidth('e', 10));
    expect(textWidth('猫', 10)).toBeClose(11, { atol: 1e-9 });
  });
});

describe('shorten', () => {
  test('a text that fits stays', () => {
    expect(shorten('mean radius', 12, 200)).toBe('mean radius');
  });

  test('a longer one keeps its beginning and its end', () => {
    const short = shorten('fractal dimension of the largest cell', 12, 120);
    expect(short).toMatch(/^fractal.*….+$/u);
    expect('fractal dimension of the largest cell'.endsWith(short.split('…')[1] as string)).toBe(true);
    expect(textWidth(short, 12)).toBeLessThanOrEqual(120);
  });

  test('an emoji is not cut in two', () => {
    const family = '👨‍👩‍👧';
    expect(shorten(family.repeat(5), 10, 60).replaceAll(family, '')).toBe('…');
  });

  test('no room at all', () => {
    expect(shorten('abc', 12, 1)).toBe('…');
  });
});

describe('wrapText', () => {
  test('keeps all words in order, lines inside the width', () => {
    const text = 'one two three four five six seven eight nine ten';
    const lines = wrapText(text, 12, 90);
    expect(lines.join(' ')).toBe(text);
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(textWidth(line, 12)).toBeLessThanOrEqual(90);
  });

  test('a word that is too long stands alone', () => {
    expect(wrapText('a incomprehensibilities b', 12, 40)).toEqual(['a', 'incomprehensibilities', 'b']);
  });
});
