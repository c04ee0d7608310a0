import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

// The package runs in browsers: one file, chosen by the import condition "node", may know Node.
test('only one source file imports from Node', () => {
  const folder = new URL('../src/', import.meta.url);
  const sources = readdirSync(folder).filter((name) => name.endsWith('.ts') && !/\.(test|d)\.ts$/u.test(name));
  const importing = sources.filter((name) =>
    /from 'node:|import\('node:/u.test(readFileSync(new URL(name, folder), 'utf8')),
  );
  expect(importing).toEqual(['rasterizer-assets-node.ts']);
});
