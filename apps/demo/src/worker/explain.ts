import { methods, PathwiseError, type Attribution, type Method } from 'pathwise';
import { inputOf, type ModelRow } from './inputs.ts';
import { openModel, refuse, type OpenModel } from './models.ts';
import type { Chip, Question } from './protocol.ts';
import { requestOf } from './request.ts';
import { relativeDelta, unfinished } from './unfinished.ts';

/** A model and the row of its input that is explained. */
export interface OpenScene {
  readonly model: OpenModel;
  readonly row: ModelRow;
}

/** A result, and all that drawing or saving it again needs. */
export interface Result {
  readonly scene: OpenScene;
  readonly question: Question;
  readonly attribution: Attribution;
  readonly chips: readonly Chip[];
  readonly milliseconds: number;
}

const MOST_CHIPS = 10;
/** Drawing more often than this would take time from computing. */
const MILLISECONDS_BETWEEN_PARTS = 200;

export function methodOf(id: string): Method {
  const method = methods.find((known) => known.id === id);
  if (method === undefined) throw new PathwiseError('UNSUPPORTED_METHOD', `There is no method "${id}"`);
  return method;
}

/**
 * Opens the model and the input of a question, and asks the model. A model that the fast engine refuses is opened on
 * the float64 engine instead.
 */
export async function sceneOf(
  question: Question,
  signal: AbortSignal,
): Promise<{ readonly scene: OpenScene; readonly chips: readonly Chip[] }> {
  const model = await openModel(question.model, question.engine);
  const row = await inputOf(model, question.input, question.row);
  try {
    const { top } = await model.explain.predict(row.prepared, { top: MOST_CHIPS, signal });
    const chips = (top?.[0] ?? []).map(({ index, label, value }) => ({ index, label: label ?? String(index), value }));
    return { scene: { model, row }, chips };
  } catch (error) {
    const isRefusal =
      error instanceof PathwiseError && (error.code === 'UNSUPPORTED_OP' || error.code === 'ENGINE_UNAVAILABLE');
    if (!isRefusal || model.engine === 'reference') throw error;
    refuse(question.model, error.message);
    return sceneOf(question, signal);
  }
}

/** Explains an input; `onPart` gets what is known between rounds. */
export async function explainQuestion(
  question: Question,
  signal: AbortSignal,
  onPart: (result: Result) => void,
): Promise<Result> {
  const { scene, chips } = await sceneOf(question, signal);
  const { model, row } = scene;
  const method = methodOf(question.method);
  const request = await requestOf(question, method, model, row);
  const started = performance.now();
  const { counters } = model.explain.model;
  const before = { ...counters };
  let lastPart = started;
  const attribution = await model.explain(row.prepared, {
    ...request,
    signal,
    onPartial: (partial) => {
      if (performance.now() - lastPart < MILLISECONDS_BETWEEN_PARTS) return;
      const now = model.explain.model.counters;
      onPart({
        scene,
        question,
        chips,
        milliseconds: performance.now() - started,
        attribution: {
          ...unfinished(question.method, model.engine),
          ...partial,
          target: [targetText(question, model.explain.outputs[0]?.name ?? 'output', chips)],
          relativeDelta: relativeDelta(partial),
          evaluations: { forward: now.forward - before.forward, gradient: now.gradient - before.gradient },
        },
      });
      lastPart = performance.now();
    },
  });
  return { scene, question, attribution, chips, milliseconds: performance.now() - started };
}

function targetText({ target }: Question, output: string, chips: readonly Chip[]): string {
  if (target === 'sum') return `sum of ${output}`;
  const text = target === 'top1' ? String(chips[0]?.index ?? 0) : target;
  return text
    .split('-')
    .map((index) => `${output}[${index}]`)
    .join(' - ');
}
