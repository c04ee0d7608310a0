import type { OutputScale } from '@pathwise/model';
import { host } from '#host';
import { explainer, type Explainer, type ExplainerOptions } from '../explainer.ts';
import { parseJson } from '../files/json-tensors.ts';
import { readLabels } from '../files/labels.ts';
import { ENGINE_NAMES, engineOf, type EngineName } from '../model/engines.ts';
import {
  NAMED_PREPROCESSINGS,
  preprocessingOfJson,
  type Preprocessing,
  type PreprocessingName,
} from '../preprocess/recipe.ts';
import { defaultWorkers } from './default-workers.ts';
import { parseBytes, parseInteger } from './grammar/numbers.ts';
import type { Arguments } from './parse-arguments.ts';
import { nearest } from './suggest.ts';
import { optionError, usageError } from './usage-error.ts';

/** Loads the MODEL of a command with the options that concern it; `readFile` reads its files. */
export async function loadExplainer(
  args: Arguments,
  readFile?: (path: string) => Promise<Uint8Array>,
): Promise<Explainer> {
  const model = modelOf(args);
  const options = await explainerOptions(args, model);
  return explainer(model, { ...options, ...(readFile !== undefined && { readFile }) });
}

/**
 * The MODEL of a command.
 * @throws PathwiseError BAD_ARGUMENT when there is none, or more than one
 */
export function modelOf(args: Arguments): string {
  const [model] = args.operands;
  if (model === undefined || args.operands.length > 1) {
    throw usageError(
      args.operands.length === 0
        ? `pathwise ${args.command} needs a MODEL: the path of an .onnx file or of a TensorFlow.js model.json`
        : `pathwise ${args.command} takes one MODEL, got ${args.operands.join(' ')}`,
    );
  }
  return model;
}

async function explainerOptions(args: Arguments, model: string): Promise<ExplainerOptions> {
  const [engine, workers, maxBytes] = [args.value('engine'), args.value('workers'), args.value('max-bytes')];
  const [preprocess, labels] = [args.value('preprocess'), args.value('labels')];
  return {
    ...(engine !== undefined && { engine: parseEngine(engine) }),
    workers: workers === undefined ? await defaultWorkers(model) : parseInteger('--workers', workers, 1),
    ...(maxBytes !== undefined && { maxBytes: parseBytes('--max-bytes', maxBytes) }),
    ...(preprocess !== undefined && { preprocess: await readPreprocessing(preprocess) }),
    ...(labels !== undefined && { labels: readLabels(await host.readFile(labels), labels) }),
  };
}

/** The engine of `--engine`, which must be there before anything is read. */
function parseEngine(text: string): EngineName {
  const name = ENGINE_NAMES.find((known) => known === text);
  if (name === undefined) throw optionError('--engine', ENGINE_NAMES.join(', '), text);
  engineOf(name);
  return name;
}

/** The preprocessing of `--preprocess`: a name, or a JSON file. */
export async function readPreprocessing(text: string): Promise<PreprocessingName | Preprocessing> {
  if (Object.hasOwn(NAMED_PREPROCESSINGS, text)) return text as PreprocessingName;
  if (!/[./\\]/.test(text)) {
    const names = Object.keys(NAMED_PREPROCESSINGS);
    const near = nearest(text, names);
    const hint = near === null ? '' : `. Did you mean ${near}?`;
    throw usageError(`--preprocess: expected ${names.join(', ')} or a JSON file, got "${text}"${hint}`);
  }
  return preprocessingOfJson(parseJson(await host.readFile(text), text), text);
}

const SCALES: readonly OutputScale[] = ['logit', 'probability', 'log-probability'];

/** The scale of `--of`. */
export function parseScale(text: string): OutputScale {
  const scale = SCALES.find((known) => known === text);
  if (scale === undefined) throw optionError('--of', SCALES.join(', '), text);
  return scale;
}
