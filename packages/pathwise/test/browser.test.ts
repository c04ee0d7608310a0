import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const src = fileURLToPath(new URL('../src', import.meta.url));

/** Files that `entry` needs, with what each imports from outside of this package. */
function imports(entry: string, found = new Map<string, string[]>()): Map<string, string[]> {
  if (found.has(entry)) return found;
  const specifiers = [...readFileSync(entry, 'utf8').matchAll(/^(?:import|export)\b[^'"]*?from '([^']+)'/gms)].map(
    (match) => match[1] ?? '',
  );
  found.set(
    entry,
    specifiers.filter((specifier) => !/^[.#]/.test(specifier)),
  );
  for (const specifier of specifiers) {
    if (specifier === '#host') imports(resolve(src, 'host/browser.ts'), found);
    else if (specifier.startsWith('.')) imports(resolve(dirname(entry), specifier), found);
  }
  return found;
}

test('what browsers load imports no Node module and nothing of the command', () => {
  const found = imports(resolve(src, 'index.ts'));
  expect([...found.keys()].every(existsSync)).toBe(true);
  expect(found.size).toBeGreaterThan(15);
  for (const [file, specifiers] of found) {
    expect(file).not.toContain('/cli/');
    expect(specifiers.filter((specifier) => specifier.startsWith('node:'))).toEqual([]);
  }
  // The same walk sees Node's modules where they are.
  expect(imports(resolve(src, 'host/node.ts')).get(resolve(src, 'host/node.ts'))).toContain('node:fs/promises');
});
