import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** docs/architecture.md: imports go downward only, never sideways. */
const LEVELS: Record<string, number> = {
  model: 0,
  attribution: 1,
  graph: 1,
  ops: 2,
  wasm: 3,
  onnx: 3,
  tfjs: 3,
  metrics: 3,
  viz: 3,
  pathwise: 4,
};

/** Longest source file without a reason of its own. */
const MOST_LINES = 400;

function* walk(folder: string): Generator<string> {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules' && entry.name !== 'dist') yield* walk(path);
    } else if (path.endsWith('.ts')) yield path;
  }
}

function importsOf(file: string): string[] {
  const code = readFileSync(file, 'utf8').replaceAll(/^\s*(\*|\/\/).*$/gmu, '');
  return [...code.matchAll(/(?:^|\n)\s*(?:import|export)[^'"`;]*?from\s+'([^']+)'|import\('([^']+)'\)/gu)].map(
    (m) => (m[1] ?? m[2]) as string,
  );
}

/** Files that import each other, directly or by way of others (imports of types count): the strongly connected components. */
function circlesOf(files: readonly string[]): string[][] {
  const own = new Set(files);
  const importedBy = new Map(
    files.map((file) => [
      file,
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => resolve(dirname(file), specifier))
        .filter((other) => own.has(other)),
    ]),
  );
  const reachable = (from: string): Set<string> => {
    const seen = new Set<string>();
    const open = [...(importedBy.get(from) ?? [])];
    for (let file = open.pop(); file !== undefined; file = open.pop()) {
      if (seen.has(file)) continue;
      seen.add(file);
      open.push(...(importedBy.get(file) ?? []));
    }
    return seen;
  };
  const reaches = new Map(files.map((file) => [file, reachable(file)]));
  const inCircle = files.filter((file) => reaches.get(file)?.has(file) === true);
  const circles = new Map<string, string[]>();
  for (const file of inCircle) {
    const members = inCircle.filter(
      (other) => reaches.get(file)?.has(other) === true && reaches.get(other)?.has(file) === true,
    );
    circles.set(members.join(), members);
  }
  return [...circles.values()];
}

const packages = readdirSync(join(root, 'packages'));
const nameOf = (specifier: string): string | undefined =>
  /^@pathwise\/([a-z]+)/u.exec(specifier)?.[1] ?? (specifier === 'pathwise' ? 'pathwise' : undefined);

describe.each(packages)('package %s', (name) => {
  const files = [...walk(join(root, 'packages', name, 'src'))].filter((file) => !file.endsWith('.test.ts'));

  test('imports only packages of lower levels', () => {
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => {
          const other = nameOf(specifier);
          return other !== undefined && !((LEVELS[other] ?? Infinity) < (LEVELS[name] ?? -1));
        })
        .map((specifier) => `${relative(root, file)} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test('stays inside its own folder with relative imports', () => {
    const own = join(root, 'packages', name, 'src');
    const wrong = files.flatMap((file) =>
      importsOf(file)
        .filter((specifier) => specifier.startsWith('.') && !resolve(dirname(file), specifier).startsWith(own))
        // The compiled core lies beside src; tools for the edge know its import by the ending only.
        .filter((specifier) => specifier !== '../../wasm/core.wasm')
        .map((specifier) => `${relative(root, file)} imports ${specifier}`),
    );
    expect(wrong).toEqual([]);
  });

  test.runIf((LEVELS[name] ?? 9) <= 2)('imports no Node API', () => {
    expect(files.flatMap((file) => importsOf(file).filter((specifier) => specifier.startsWith('node:')))).toEqual([]);
  });

  test('has no circle between files', () => {
    expect(circlesOf(files).map((circle) => circle.map((file) => relative(root, file)))).toEqual([]);
  });

  test('declares what it imports', () => {
    const { dependencies = {}, peerDependencies = {} } = JSON.parse(
      readFileSync(join(root, 'packages', name, 'package.json'), 'utf8'),
    ) as Record<string, Record<string, string>>;
    const used = new Set(
      files
        .flatMap((file) => importsOf(file))
        .filter((s) => !s.startsWith('.') && !s.startsWith('node:') && !s.startsWith('#'))
        .map((s) =>
          s
            .split('/')
            .slice(0, s.startsWith('@') ? 2 : 1)
            .join('/'),
        ),
    );
    expect(
      [...used].filter((dependency) => !(dependency in dependencies) && !(dependency in peerDependencies)),
    ).toEqual([]);
  });

  test(`has no source file over ${MOST_LINES} lines`, () => {
    expect(
      files
        .filter((file) => readFileSync(file, 'utf8').split('\n').length > MOST_LINES)
        .map((file) => relative(root, file)),
    ).toEqual([]);
  });
});
