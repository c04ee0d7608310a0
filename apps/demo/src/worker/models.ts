import { describeRange, quadratureRules } from '@pathwise/attribution';
import { unsupported, type OnnxSource } from '@pathwise/onnx';
import {
  explainer,
  methods,
  PathwiseError,
  readLabels,
  type Explainer,
  type Method,
  type ParamSpec,
  type Preprocessing,
} from 'pathwise';
import { sampleOf, type Sample, type SampleKind } from '../samples.ts';
import { droppedPath, keep, readFile, readText } from './files.ts';
import type { DroppedFile, MethodForm, ModelFacts, ParamForm } from './protocol.ts';

export type Engine = 'wasm' | 'reference';

export interface OpenModel {
  readonly id: string;
  readonly explain: Explainer;
  readonly sample: Sample | null;
  readonly engine: Engine;
  readonly kind: SampleKind | 'other';
  readonly vocabulary: readonly string[] | null;
  readonly preprocessing: Preprocessing | null;
  readonly notes: readonly string[];
}

let current: { readonly key: string; readonly model: Promise<OpenModel> } | null = null;
/** Models that the WebAssembly engine refuses, and why. */
const refused = new Map<string, string>();

/** The model of an id. One is open at a time: the next one frees it. */
export function openModel(id: string, wanted: Engine): Promise<OpenModel> {
  const engine = refused.has(id) ? 'reference' : wanted;
  const key = `${engine} ${id}`;
  if (current?.key === key) return current.model;
  const previous = current?.model;
  void previous?.then(
    ({ explain }) => explain.dispose(),
    () => undefined,
  );
  const model = load(id, engine);
  current = { key, model };
  model.catch(() => {
    if (current?.model === model) current = null;
  });
  return model;
}

/** Remembers that the fast engine cannot run a model, so that the float64 engine takes it. */
export function refuse(id: string, reason: string): void {
  refused.set(id, reason);
}

/** Keeps the files of a dropped model and gives its id. */
export async function addModel(files: readonly DroppedFile[]): Promise<{ id: string; main: string }> {
  const main = files.find(({ name }) => isModelFile(name)) ?? files[0];
  if (main === undefined) throw new PathwiseError('BAD_FILE', 'no file was given');
  const hash = await keep(files, main);
  refused.delete(`sha256:${hash}`);
  return { id: `sha256:${hash}`, main: main.name };
}

function isModelFile(name: string): boolean {
  return /\.onnx$/iu.test(name) || /(^|\/)model\.json$/iu.test(name);
}

async function load(id: string, engine: Engine): Promise<OpenModel> {
  const sample = sampleOf(id) ?? null;
  const notes = refused.has(id)
    ? [`The fast engine cannot run this model (${refused.get(id) as string}); the float64 engine does.`]
    : [];
  if (sample === null) {
    const hash = id.replace(/^sha256:/u, '');
    const path = droppedPath(hash, isModelFile);
    if (path === null) {
      throw new PathwiseError(
        'BAD_FILE',
        id.startsWith('sha256:')
          ? `This link is about a model file that is not here (SHA-256 ${hash.slice(0, 12)}…). Drop that file to see it`
          : `There is no bundled model "${id}"`,
      );
    }
    const labels = droppedPath(hash, (name) => /labels\.(txt|json)$/iu.test(name));
    const recipe = droppedPath(hash, (name) => /preprocess\.json$/iu.test(name));
    const preprocessing = recipe === null ? null : (JSON.parse(await readText(recipe)) as Preprocessing);
    const explain = await explainer(path, {
      engine,
      readFile,
      ...(labels !== null && { labels: readLabels(await readFile(labels), 'labels') }),
      ...(preprocessing !== null && { preprocess: preprocessing }),
    });
    checkOps(explain);
    return { id, explain, sample, engine, kind: kindOfInputs(explain), vocabulary: null, preprocessing, notes };
  }
  const [labels, recipe, words] = await Promise.all([
    readFile(sample.labels),
    sample.preprocess === undefined ? null : readText(sample.preprocess),
    sample.vocabulary === undefined ? null : readText(sample.vocabulary),
  ]);
  const preprocessing = recipe === null ? null : (JSON.parse(recipe) as Preprocessing);
  const explain = await explainer(sample.model, {
    engine,
    readFile,
    labels: readLabels(labels, 'labels.txt'),
    ...(preprocessing !== null && { preprocess: preprocessing }),
  });
  const vocabulary = words === null ? null : words.trimEnd().split('\n');
  return { id, explain, sample, engine, kind: sample.kind, vocabulary, preprocessing, notes };
}

/** Every op that stands in the way is named before an input is asked for. */
function checkOps({ file: { source } }: Explainer): void {
  const blockers = 'blockers' in source ? unsupported(source as OnnxSource) : [];
  if (blockers.length === 0) return;
  const list = blockers.map(({ node, op, reason }) => `node "${node}" (${op}): ${reason}`);
  const most = 5;
  const more = list.length > most ? ` and ${list.length - most} more` : '';
  throw new PathwiseError(
    'UNSUPPORTED_OP',
    `This model cannot be run, and so no method can explain it. ${list.slice(0, most).join('; ')}${more}. Export it with other ops, or cut it before them`,
  );
}

function kindOfInputs({ inputs }: Explainer): OpenModel['kind'] {
  const [only] = inputs;
  if (only === undefined || inputs.length > 1) return 'other';
  if (only.attributedAt !== only.name) return 'other';
  const sizes = only.shape.slice(only.batched ? 1 : 0);
  if (sizes.length === 3 && (isChannels(sizes[0]) || isChannels(sizes[2]))) return 'image';
  return sizes.length === 1 ? 'table' : 'other';
}

function isChannels(size: number | string | undefined): boolean {
  return size === 1 || size === 3;
}

/** What the page's forms are made of. */
export function factsOf({ id, explain, sample, kind, notes }: OpenModel): ModelFacts {
  const shape = (sizes: readonly (number | string)[]): string => `[${sizes.join(', ')}]`;
  return {
    id,
    name: sample?.title ?? nameOf(explain.file.name),
    bytes: explain.file.bytes,
    kind,
    inputs: explain.inputs.map((input) => ({ name: input.name, shape: shape(input.shape), dtype: input.dtype })),
    outputs: explain.outputs.map((output) => ({ name: output.name, shape: shape(output.shape) })),
    labels: explain.labels ?? null,
    methods: methods.map((method) => formOf(method, explain)),
    rules: quadratureRules,
    notes,
  };
}

function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function formOf(method: Method, explain: Explainer): MethodForm {
  const { takes } = method;
  const support = explain.supports(method.id);
  const [first] = support.ok ? [] : support.missing;
  return {
    id: method.id,
    title: method.title,
    summary: method.summary,
    reference: method.reference,
    params: method.params.map(paramForm),
    takesBaseline: takes.baseline !== 'none',
    takesLayer: takes.layer === true,
    takesNeuron: takes.neuron !== false,
    quadrature:
      takes.quadrature === true
        ? 'all'
        : takes.quadrature === 'fixed'
          ? 'fixed'
          : takes.quadrature === 'steps'
            ? 'steps'
            : 'none',
    random: method.random === true,
    blocked: support.ok
      ? null
      : first === undefined
        ? 'this model lacks what it needs'
        : `${first.op === '' ? '' : `node "${first.node}" (${first.op}): `}${first.reason}`,
  };
}

function paramForm(spec: ParamSpec): ParamForm {
  return {
    name: spec.name,
    doc: spec.doc,
    type: spec.type,
    range: describeRange(spec),
    otherwise: Array.isArray(spec.default) ? spec.default.join(',') : String(spec.default),
    ...(spec.type === 'choice' && { choices: spec.choices }),
  };
}
