import { evaluationsName, sumSentence, targetName, verdictOf, type Image } from '@pathwise/viz';
import { methods, PathwiseError, type Attribution, type Method } from 'pathwise';
import { draw, numbersOf, probeOf, type Scene } from './draw.ts';
import { inputOf } from './inputs.ts';
import { openModel, refuse } from './models.ts';
import type { Badge, Chip, Explained, Look, Question } from './protocol.ts';
import { requestOf } from './request.ts';

/** A result, and all that drawing or saving it again needs. */
export interface Result {
  readonly scene: Scene;
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
): Promise<{ readonly scene: Scene; readonly chips: readonly Chip[] }> {
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
          ...unfinished(question, model.engine),
          ...partial,
          target: [targetText(question, model.explain.outputs[0]?.name ?? 'output', chips)],
          relativeDelta: relative(partial),
          evaluations: { forward: now.forward - before.forward, gradient: now.gradient - before.gradient },
        },
      });
      lastPart = performance.now();
    },
  });
  return { scene, question, attribution, chips, milliseconds: performance.now() - started };
}

/** The fields of an attribution that are not known before its end. */
function unfinished(
  question: Question,
  engine: string,
): Omit<Attribution, 'attributions' | 'outputAtInput' | 'target'> {
  return {
    method: question.method,
    params: {},
    seed: null,
    engine,
    unit: 'contribution',
    outputAtBaseline: null,
    convergenceDelta: null,
    relativeDelta: null,
    complete: null,
    error: null,
    errorMet: null,
    cancellation: null,
    evaluations: { forward: 0, gradient: 0 },
    warnings: [],
  };
}

function targetText({ target }: Question, output: string, chips: readonly Chip[]): string {
  if (target === 'sum') return `sum of ${output}`;
  const text = target === 'top1' ? String(chips[0]?.index ?? 0) : target;
  return text
    .split('-')
    .map((index) => `${output}[${index}]`)
    .join(' - ');
}

function relative({
  convergenceDelta,
  outputAtInput,
  outputAtBaseline,
}: Pick<Attribution, 'convergenceDelta' | 'outputAtInput' | 'outputAtBaseline'>): (number | null)[] | null {
  if (convergenceDelta === null || outputAtBaseline === null) return null;
  return convergenceDelta.map((delta, row) => {
    const change = Math.abs((outputAtInput[row] as number) - (outputAtBaseline[row] as number));
    return change === 0 ? null : delta / change;
  });
}

/** Whether and how well a result adds up. */
export function badgeOf(attribution: Attribution, milliseconds: number): Badge {
  const { word, reasons } = verdictOf(attribution, 0);
  return {
    word,
    reasons,
    sentence: sumSentence(attribution, 0) ?? 'this method makes no statement about its sum',
    evaluations: evaluationsName(attribution),
    error: attribution.error?.[0] ?? null,
    delta: attribution.relativeDelta?.[0] ?? null,
    milliseconds,
    engine: attribution.engine,
  };
}

/** What the page shows of a result. */
export function explainedOf(
  { scene, attribution, chips, milliseconds }: Result,
  look: Look,
  final: boolean,
): Explained {
  const { model, row } = scene;
  const { words, featureNames, prepared } = row;
  const feed = Object.values(prepared.feeds)[0];
  const isTable = model.kind === 'table' && feed !== undefined && feed.shape.length === 2;
  return {
    final,
    picture: draw(attribution, scene, { look }),
    probe: probeOf(attribution, scene, look),
    badge: badgeOf(attribution, milliseconds),
    chips,
    target: targetName(attribution, 0, model.explain.labels),
    warnings: [...model.notes, ...attribution.warnings.map(({ message }) => message)],
    features: isTable
      ? numbersOf(feed).map((value, k) => ({ name: featureNames?.[k] ?? `feature ${k}`, value }))
      : null,
    words,
    image: row.image === null ? null : rgba(row.image),
  };
}

function rgba({ width, height, data }: Image): NonNullable<Explained['image']> {
  const channels = data.length / (width * height);
  const out = new Uint8ClampedArray(4 * width * height).fill(255);
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) out[4 * p + c] = data[p * channels + (channels >= 3 ? c : 0)] as number;
  }
  return { width, height, data: out };
}
