import { float32, PathwiseError, type Baseline, type ExplainOptions, type Method, type ParamSpec } from 'pathwise';
import { inputOf, type ModelRow } from './inputs.ts';
import type { OpenModel } from './models.ts';
import type { Question } from './protocol.ts';

type ParamValue = NonNullable<ExplainOptions['params']>[string];
type Target = NonNullable<ExplainOptions['target']>;

/** What the library is asked, without signals and callbacks. */
export async function requestOf(
  question: Question,
  method: Method,
  model: OpenModel,
  row: ModelRow,
): Promise<ExplainOptions> {
  const { takes } = method;
  const { steps, tolerance, quadrature } = question;
  const fixed = steps > 0 || takes.quadrature === 'fixed';
  const accuracy: ExplainOptions =
    takes.quadrature === true || takes.quadrature === 'fixed'
      ? fixed
        ? {
            steps: steps > 0 ? steps : 50,
            ...(quadrature !== '' && { quadrature: quadrature as NonNullable<ExplainOptions['quadrature']> }),
          }
        : { tolerance }
      : takes.quadrature === 'steps' && steps > 0
        ? { steps }
        : {};
  return {
    method: method.id,
    target: targetOf(question.target),
    ...accuracy,
    ...(takes.baseline !== 'none' && { baseline: await baselineOf(question.baseline, model, row) }),
    ...(takes.layer && question.layer !== '' && { layer: question.layer }),
    ...(takes.neuron !== false && question.neuron !== '' && { neuron: question.neuron }),
    ...(Object.keys(question.params).length > 0 && { params: paramsOf(question.params, method) }),
    ...(question.seed !== 0 && { seed: question.seed }),
  };
}

export function targetOf(text: string): Target {
  if (text === 'top1' || text === 'sum') return text;
  const [plus = '0', minus] = text.split('-');
  return minus === undefined ? Number(plus) : { contrast: [Number(plus), Number(minus)] };
}

/**
 * The baseline that a text names. Besides the library's words: nothing (what suits the model), `typical`,
 * `colour:RRGGBB`, `sample:K` and `file:HASH`.
 */
export async function baselineOf(text: string, model: OpenModel, row: ModelRow): Promise<Baseline> {
  const chosen = text === '' ? (model.sample?.baseline ?? 'zeros') : text;
  const [input] = model.explain.inputs;
  if (chosen === 'typical') {
    const { typical } = model.sample ?? {};
    if (typical === undefined) throw new PathwiseError('BAD_ARGUMENT', 'Only the penguins have a typical row');
    return float32([1, typical.length], typical);
  }
  if (/^(sample|file):/u.test(chosen)) {
    const other = await inputOf(model, chosen, 0);
    return Object.values(other.prepared.feeds)[0] as Baseline & object;
  }
  const colour = /^colour:([0-9a-f]{6})$/iu.exec(chosen)?.[1];
  if (colour !== undefined) {
    if (row.image === null || input === undefined) {
      throw new PathwiseError('BAD_ARGUMENT', 'A colour is a baseline for images only');
    }
    const { width, height } = row.image;
    const pixel = [0, 2, 4].map((at) => Number.parseInt(colour.slice(at, at + 2), 16));
    const data = Uint8Array.from({ length: 3 * width * height }, (_, i) => pixel[i % 3] as number);
    const { feeds } = await model.explain.prepare({ [input.name]: { width, height, data } });
    return feeds[input.name] as Baseline & object;
  }
  if (chosen !== '' && Number.isFinite(Number(chosen))) return Number(chosen);
  return chosen as Baseline;
}

function paramsOf(texts: Readonly<Record<string, string>>, { params }: Method): Record<string, ParamValue> {
  const values: Record<string, ParamValue> = {};
  for (const spec of params) {
    const text = texts[spec.name];
    if (text !== undefined && text !== '') values[spec.name] = valueOf(spec, text);
  }
  return values;
}

/** Texts that are no value of the type stay what they are: the library says what it expects. */
function valueOf({ type }: ParamSpec, text: string): ParamValue {
  switch (type) {
    case 'boolean':
      return text === 'true';
    case 'choice':
      return text;
    case 'choices':
      return text.split(',');
    case 'numbers':
      return text.split(',').map(Number);
    default:
      return Number(text);
  }
}
