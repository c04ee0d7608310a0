import { toFloat64 } from '@pathwise/model';
import { int64, PathwiseError, type PreparedInput } from 'pathwise';
import type { Result } from './explain.ts';

/** F with a word and without it (an unknown word stands in its place). */
export async function occludeWord(
  { scene: { model, row }, attribution, question, chips }: Result,
  word: number,
  signal: AbortSignal,
): Promise<{ before: number; after: number }> {
  const [input] = model.explain.inputs;
  const ids = input === undefined ? undefined : row.prepared.feeds[input.name];
  if (input === undefined || ids === undefined || row.words === null || row.words[word] === undefined) {
    throw new PathwiseError('BAD_ARGUMENT', 'there is no such word');
  }
  const changed = Array.from(toFloat64(ids.data), (id, k) => (k === word ? 1 : id));
  const prepared: PreparedInput = { ...row.prepared, feeds: { [input.name]: int64(ids.shape, changed) } };
  const { outputs } = await model.explain.predict(prepared, { signal });
  const values = toFloat64(Object.values(outputs)[0]?.data ?? new Float32Array());
  return {
    before: attribution.outputAtInput[0] ?? Number.NaN,
    after: targetValue(question.target, values, chips[0]?.index ?? 0),
  };
}

function targetValue(target: string, values: Float64Array, top: number): number {
  if (target === 'sum') return values.reduce((a, b) => a + b, 0);
  const [plus = 0, minus] = target === 'top1' ? [top] : target.split('-').map(Number);
  return (values[plus] ?? Number.NaN) - (minus === undefined ? 0 : (values[minus] ?? Number.NaN));
}
