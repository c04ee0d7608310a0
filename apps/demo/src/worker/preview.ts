import { openPlan, type EdgePlan, type PlanAttribution, type PlanTarget } from '@pathwise/wasm/edge';
import { preparePlanInput, type Attribution } from 'pathwise';
import { sampleOf, type Sample } from '../samples.ts';
import type { Scene } from './draw.ts';
import { explainedOf } from './explained.ts';
import { readFile } from './files.ts';
import { rowOf } from './inputs.ts';
import type { Chip, Explained, Look, Question } from './protocol.ts';
import { relativeDelta, unfinished } from './unfinished.ts';

/** Where the plans of the bundled models lie, compiled with the page (plans.ts). */
declare const PLANS: Readonly<Record<string, string>>;

const STEPS = 32;
const MOST_CHIPS = 10;

/**
 * The attribution of a bundled sample by a fixed rule on a compiled plan: what is on the screen while importer, compiler
 * and methods are loaded. null where a plan does not answer the question.
 */
export async function preview(
  { question, look }: { readonly question: Question; readonly look: Look },
  signal: AbortSignal,
): Promise<Explained | null> {
  const sample = sampleOf(question.model);
  const path = PLANS[question.model];
  const index = Number(/^sample:(\d+)$/u.exec(question.input)?.[1] ?? Number.NaN);
  const input = sample?.rows ?? sample?.inputs[index]?.url;
  if (sample === undefined || path === undefined || input === undefined || !isPlain(question)) return null;
  // Both are on their way at once.
  const [file] = await Promise.all([readFile(new URL(path, import.meta.url).href), readFile(input)]);
  const plan = await openPlan(file);
  const row = rowOf(await preparePlanInput(plan.info, input, { readFile }), sample.rows === undefined ? 0 : index);
  const values = Object.values(row.prepared.feeds)[0]?.data;
  if (values === undefined) return null;
  const numbers = Float64Array.from(values, Number);
  const chips = chipsOf(plan, numbers);
  const started = performance.now();
  const baseline = sample.baseline === 'typical' ? sample.typical : 0;
  const found = await plan.attribute(numbers, {
    steps: STEPS,
    target: targetOf(question.target),
    ...(baseline !== undefined && { baseline }),
    signal,
  });
  const milliseconds = performance.now() - started;
  const attribution = attributionOf(found);
  return explainedOf({ scene: sceneOf(plan, sample, row), attribution, chips, milliseconds }, look, false);
}

/** What a plan can answer: the usual method from the usual baseline on the fast engine. */
function isPlain({ method, baseline, engine, params }: Question): boolean {
  return method === 'integrated-gradients' && baseline === '' && engine === 'wasm' && Object.keys(params).length === 0;
}

function targetOf(text: string): PlanTarget {
  if (text === 'top1' || text === 'sum') return text;
  const [plus = 0, minus] = text.split('-').map(Number);
  return minus === undefined ? plus : { contrast: [plus, minus] };
}

function chipsOf(plan: EdgePlan, input: Float64Array): Chip[] {
  const { labels } = plan.info;
  return Array.from(plan.predict(input), (value, index) => ({ index, value, label: labels?.[index] ?? String(index) }))
    .sort((a, b) => b.value - a.value)
    .slice(0, MOST_CHIPS);
}

function sceneOf({ info }: EdgePlan, { kind }: Sample, row: Scene['row']): Scene {
  const inputs = info.inputs.map((port) => ({ ...port, batched: true, attributedAt: port.name }));
  return { row, model: { kind, notes: [], explain: { inputs, labels: info.labels } } };
}

function attributionOf(found: PlanAttribution): Attribution {
  const partial = {
    attributions: found.attributions,
    outputAtInput: [found.outputAtInput],
    outputAtBaseline: [found.outputAtBaseline],
    convergenceDelta: [found.convergenceDelta],
  };
  return {
    ...unfinished('integrated-gradients', 'wasm'),
    ...partial,
    target: [found.target],
    relativeDelta: relativeDelta(partial),
    evaluations: { forward: 2, gradient: found.points },
  };
}
