import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { int64, toFloat64 } from '@pathwise/model';
import { explainer } from '../src/index.ts';

const file = (path: string): string => new URL(`../../../models/${path}`, import.meta.url).pathname;
const json = <T>(path: string): T => JSON.parse(readFileSync(file(path), 'utf8')) as T;

/** Sums of consecutive groups of `width` values. */
const sums = (values: ArrayLike<number>, width: number): number[] =>
  Array.from({ length: values.length / width }, (_, k) =>
    Array.from({ length: width }, (_, i) => values[k * width + i] as number).reduce((a, b) => a + b, 0),
  );

// The truth is planted by the scripts that made the data: trigger words, and places of events.
describe.each(['reference', 'wasm'] as const)('models with planted truth, %s', (engine) => {
  test('questions: logits by ONNX Runtime; the trigger words carry the attribution', async () => {
    const { cases } = json<{ cases: { text: string; ids: number[]; logits: number[]; top: number }[] }>(
      'questions/expected.json',
    );
    const explain = await explainer(file('questions/model.onnx'), { engine });
    for (const { text, ids, logits, top } of cases) {
      const words = int64([1, 12], ids);
      const { outputs } = await explain.predict({ words });
      expect(outputs['logits']?.data).toBeClose(logits, { rtol: 1e-5, atol: 1e-5 });
      const triggers = { 'how many': [0, 1], 'what year': [0, 1], who: [0], where: [0] };
      const found = Object.entries(triggers).find(([words]) => text.startsWith(words))?.[1];
      if (found === undefined) continue;
      const { attributions } = await explain({ words }, { target: top, tolerance: 0.01 });
      const perWord = sums(toFloat64(attributions['embedding']?.data as Float32Array), 16).map(Math.abs);
      const mass = perWord.reduce((a, b) => a + b, 0);
      expect(found.reduce((sum, k) => sum + (perWord[k] as number), 0) / mass).toBeGreaterThan(0.5);
      expect(found).toContain(perWord.indexOf(Math.max(...perWord)));
    }
  });

  test('events: logits by ONNX Runtime; the strongest values lie in the event', async () => {
    const { cases } = json<{ cases: { event: [number, number]; class: number; logits: number[]; top: number }[] }>(
      'events/expected.json',
    );
    const explain = await explainer(file('events/model.onnx'), { engine });
    const prepared = await explain.prepare(file('events/rows.csv'));
    const { outputs } = await explain.predict(prepared);
    expect(outputs['logits']?.data).toBeClose(
      cases.flatMap(({ logits }) => logits),
      { rtol: 1e-4, atol: 1e-4 },
    );
    const { attributions } = await explain(prepared, { tolerance: 0.01 });
    const values = toFloat64(attributions['series']?.data as Float32Array).map(Math.abs);
    for (const [row, { event, class: kind }] of cases.entries()) {
      if (kind === 0 || kind === 2) continue; // a step is spread over all that follows; calm has no place
      const own = [...values.subarray(128 * row, 128 * (row + 1))];
      const inside = own.slice(event[0], event[1]).reduce((a, b) => a + b, 0);
      const chance = (event[1] - event[0]) / 128;
      expect(inside / own.reduce((a, b) => a + b, 0)).toBeGreaterThan(3 * chance);
    }
  });
});
