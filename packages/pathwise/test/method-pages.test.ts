import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { methods } from '@pathwise/attribution';
import { picturesOfMethods } from '../../../tools/method-pages.mjs';
import { models, pathwise, temporaryFolder } from './cli.ts';

const root = resolve(models, '..');
const pictures = picturesOfMethods();

test('every method has a page with a picture and the command that draws it', () => {
  const shown = new Set(pictures.map(({ id }) => id));
  expect(methods.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
});

test.each(pictures)('$picture is what the command of $id draws', { timeout: 60_000 }, async (page) => {
  const drawn = temporaryFolder().at('picture.svg');
  const { argv, output, picture } = page;
  const ran = await pathwise(
    argv.map((word) => {
      if (word === output) return drawn;
      return word.replace('models/', `${models}/`).replace('pathwise-out', dirname(drawn));
    }),
  );
  expect(ran).toMatchObject({ code: 0 });
  expect(wordsOf(readFileSync(drawn, 'utf8'))).toEqual(wordsOf(readFileSync(resolve(root, picture), 'utf8')));
});

/** What is written in a picture, numbers and all. */
function wordsOf(svg: string): string[] {
  return [...svg.matchAll(/>([^<>]+)</gu)].map(([, text]) => text!.trim()).filter((text) => text !== '');
}
