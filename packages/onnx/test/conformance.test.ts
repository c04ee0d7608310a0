import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { PathwiseError } from '@pathwise/model';
import { closeness, findNodeTests, runNodeTest } from './node-tests.ts';

/**
 * What does not run, by regular expressions of names, each with the reason. `refused`: the importer says so with
 * UNSUPPORTED_OP. `different`: the values differ. `loose`: right within ONNX's own tolerance only. `old`: left out of
 * Debian's set of 2022.
 */
const skips = JSON.parse(readFileSync(join(import.meta.dirname, 'conformance-skips.json'), 'utf8')) as Record<
  'refused' | 'different' | 'loose' | 'old',
  Record<string, string>
>;

function reasonFor(kind: keyof typeof skips, name: string): string | undefined {
  return Object.entries(skips[kind]).find(([pattern]) => new RegExp(`^${pattern}$`).test(name))?.[1];
}

const sets = findNodeTests();

// Shown as skipped where there are none.
test.runIf(sets.length > 0)(
  'tests found: ../shared/onnx-node-tests.tar.xz or the Debian package libonnx-testdata',
  () => {
    expect(sets.every(({ folders }) => folders.size > 500)).toBe(true);
  },
);

describe.each(sets)('ONNX node tests, set %#', ({ folders, complete, remove }) => {
  const names = [...folders.keys()].filter((name) => complete || reasonFor('old', name) === undefined);
  const refused = names.filter((name) => reasonFor('refused', name) !== undefined);
  const different = names.filter((name) => reasonFor('different', name) !== undefined);
  const skipped = new Set([...refused, ...different]);
  const running = names.filter((name) => !skipped.has(name));
  const folderOf = (name: string): string => folders.get(name) as string;
  let passed = 0;

  afterAll(() => {
    remove();
    const reasons = new Map<string, number>();
    for (const name of skipped) {
      const reason = reasonFor('refused', name) ?? reasonFor('different', name) ?? '';
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
    const list = [...reasons].sort((a, b) => b[1] - a[1]).map(([reason, count]) => `  ${count} ${reason}`);
    console.log(
      `ONNX node tests: ${running.length} run, ${passed} passed, ${skipped.size} skipped:\n${list.join('\n')}`,
    );
  }, 60_000);

  test.each(running)('%s', async (name) => {
    const outputs = await runNodeTest(folderOf(name));
    expect(outputs).not.toHaveLength(0);
    for (const { actual, expected, reduced } of outputs) {
      expect(actual.shape).toEqual(expected.shape);
      expect(actual.dtype).toBe(expected.dtype);
      const wide = reduced || reasonFor('loose', name) !== undefined;
      expect(actual.data).toBeClose(Array.from(expected.data, Number), closeness(wide));
    }
    passed++;
  });

  test.each(refused)('%s is refused', async (name) => {
    const failure = await runNodeTest(folderOf(name)).then(
      () => 'nothing',
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(PathwiseError);
    expect((failure as PathwiseError).code).toBe('UNSUPPORTED_OP');
  });

  test.each(different)('%s still differs', async (name) => {
    const outputs = await runNodeTest(folderOf(name));
    const close = outputs.every(({ actual, expected }) => {
      const allowed = closeness(true);
      return actual.data.every((v, i) => {
        const want = Number(expected.data[i]);
        return Math.abs(Number(v) - want) <= allowed.atol + allowed.rtol * Math.abs(want);
      });
    });
    expect(close).toBe(false);
  });

  // An old set has fewer tests than the list.
  test.runIf(complete)('no entry of the list is without a test', () => {
    const patterns = (['refused', 'different', 'loose'] as const).flatMap((kind) => Object.keys(skips[kind]));
    expect(patterns.filter((pattern) => !names.some((name) => new RegExp(`^${pattern}$`).test(name)))).toEqual([]);
  });
});
