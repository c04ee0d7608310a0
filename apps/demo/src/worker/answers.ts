// What the worker answers, with the library behind it: loaded once the first picture is there.
import { PathwiseError } from 'pathwise';
import type { KeptBaselines } from './baselines.ts';
import { explainQuestion, type Result } from './explain.ts';
import { explainedOf } from './explained.ts';
import { addInput } from './inputs.ts';
import { occludeWord } from './occlude.ts';
import { addModel, factsOf, openModel } from './models.ts';
import type { KeptPath } from './path.ts';
import type { Handlers, Saved } from './protocol.ts';

const CORE = new URL('../../../../packages/wasm/wasm/core.wasm', import.meta.url);

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

async function resultOf(from: Saved): Promise<Result> {
  if (from === 'path') return keptPath();
  const average =
    from === 'baselines' && compared !== null ? (await import('./baselines.ts')).averageResult(compared) : null;
  return average ?? lastResult();
}

export const answers: Omit<Handlers, 'preview'> = {
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
    walked = await (await import('./path.ts')).walk(question, signal);
    return walked.curve;
  },
  frame: async ({ alpha, look }) => (await import('./path.ts')).frameAt(keptPath(), alpha, look),
  save: async ({ from, format, look }) => (await import('./save.ts')).save(await resultOf(from), format, look),
  baselines: async ({ question, look, names }, signal, part) => {
    const { compareBaselines, drawBaselines } = await import('./baselines.ts');
    compared = await compareBaselines(question, names, signal, (kept) => part(drawBaselines(kept, look)));
    return drawBaselines(compared, look);
  },
  drawBaselines: async ({ look }) => {
    if (compared === null) throw new PathwiseError('BAD_ARGUMENT', 'there is no comparison yet');
    return (await import('./baselines.ts')).drawBaselines(compared, look);
  },
  graph: async ({ model, engine }) => (await import('./graph.ts')).graphOf(model, engine),
  edge: async () => (await import('./edge.ts')).edgeFacts(CORE),
  benchmark: async ({ question }, signal, part) => (await import('./edge.ts')).benchmark(question, signal, part),
  bundle: async ({ file, question }) => (await import('./edge.ts')).bundle(file, question, CORE),
  addModel: ({ files }) => addModel(files),
  addInput: ({ file }) => addInput(file),
};
