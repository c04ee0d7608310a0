// The commands of docs/methods and the pictures that they draw.
import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { root } from './run.mjs';

const pages = resolve(root, 'docs/methods');

/** Each command of a page that writes a picture which the page shows. */
export function picturesOfMethods() {
  return readdirSync(pages).flatMap((page) => {
    const text = readFileSync(resolve(pages, page), 'utf8');
    const shown = [...text.matchAll(/!\[[^\]]+\]\(\.\.\/(images\/[^)]+)\)/gu)].map(([, picture]) => `docs/${picture}`);
    return [...text.matchAll(/^npx pathwise ((?:.*\\\n)*.*)$/gmu)].flatMap(([, command]) => {
      const argv = command.replaceAll('\\\n', ' ').trim().split(/\s+/u);
      const output = argv[argv.lastIndexOf('-o') + 1];
      const picture = shown.find((path) => path.split('/').at(-1) === output.split('/').at(-1));
      return picture === undefined ? [] : [{ id: page.replace(/\.md$/u, ''), argv, output, picture }];
    });
  });
}
