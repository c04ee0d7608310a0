// The worker: decodes files, runs models, computes and draws. The only place that knows the library.
import { PathwiseError } from 'pathwise';
import { loadCore } from '@pathwise/wasm';
import { averageResult, compareBaselines, drawBaselines, type KeptBaselines } from './baselines.ts';
import { explainedOf, explainQuestion, type Result } from './explain.ts';
import { failureOf } from './failure.ts';
import { addInput } from './inputs.ts';
import { occludeWord } from './occlude.ts';
import { addModel, factsOf, openModel } from './models.ts';
import { frameAt, walk, type KeptPath } from './path.ts';
import { save } from './save.ts';
import type { CallName, Calls, FromWorker, Saved, ToWorker } from './protocol.ts';

type Handler<K extends CallName> = (
  given: Calls[K]['given'],
  signal: AbortSignal,
  part: (value: Calls[K]['partly']) => void,
) => Promise<Calls[K]['gives']>;

// The core loads while the page and the model do.
loadCore().catch(() => undefined);

let last: Result | null = null;
let walked: KeptPath | null = null;
let compared: KeptBaselines | null = null;

function lastResult(): Result {
  if (last === null) throw new PathwiseError('BAD_ARGUMENT', 'there is no result yet');
  return last;
}

function keptPath(): KeptPath {
  if (walked === null) throw new PathwiseError('BAD_ARGUMENT', 'there is no path yet');
  return walked;
}

function resultOf(from: Saved): Result {
  if (from === 'path') return keptPath();
  const average = from === 'baselines' && compared !== null ? averageResult(compared) : null;
  return average ?? lastResult();
}

const handlers: { readonly [K in CallName]?: Handler<K> } = {
  open: async ({ model, engine }) => factsOf(await openModel(model, engine)),
  explain: async ({ question, look }, signal, part) => {
    last = await explainQuestion(question, signal, (result) => {
      last = result;
      part(explainedOf(result, look, false));
    });
    return explainedOf(last, look, true);
  },
  draw: async ({ look }) => explainedOf(lastResult(), look, true),
  occlude: ({ word }, signal) => occludeWord(lastResult(), word, signal),
  path: async ({ question }, signal) => {
    walked = await walk(question, signal);
    return walked.curve;
  },
  frame: async ({ alpha, look }) => {
    return frameAt(keptPath(), alpha, look);
  },
  save: ({ from, format, look }) => save(resultOf(from), format, look),
  baselines: async ({ question, look, names }, signal, part) => {
    compared = await compareBaselines(question, names, signal, (kept) => part(drawBaselines(kept, look)));
    return drawBaselines(compared, look);
  },
  drawBaselines: async ({ look }) => {
    if (compared === null) throw new PathwiseError('BAD_ARGUMENT', 'there is no comparison yet');
    return drawBaselines(compared, look);
  },
  addModel: ({ files }) => addModel(files),
  addInput: ({ file }) => addInput(file),
};

const running = new Map<number, AbortController>();
const send = (message: FromWorker): void => postMessage(message);

onmessage = async ({ data }: MessageEvent<ToWorker>): Promise<void> => {
  if ('cancel' in data) {
    running.get(data.cancel)?.abort();
    return;
  }
  const { id, call, given } = data;
  const controller = new AbortController();
  running.set(id, controller);
  try {
    const handler = handlers[call] as Handler<CallName> | undefined;
    if (handler === undefined) throw new PathwiseError('INTERNAL', `the worker knows no call ${call}`);
    const done = await handler(given, controller.signal, (part) => send({ id, part }));
    send({ id, done });
  } catch (error) {
    send({ id, failed: failureOf(error) });
  } finally {
    running.delete(id);
  }
};
