import type { DroppedFile, Explained, Look, ModelFacts, Question, Scheme } from './worker/protocol.ts';
import { WorkerClient, WorkerFailure } from './worker/client.ts';
import { parseState, printState, type State } from './state.ts';

/** What parts of the page share: the state, the worker, and the model that is open. */
export interface App {
  readonly state: State;
  readonly model: ModelFacts | null;
  readonly worker: WorkerClient;
  /**
   * What was asked when the page was opened, had with little code and not final. Nothing else is asked of the worker
   * before it is there, so that the rest of the library does not compete with it.
   */
  readonly preview: Promise<Explained | null>;
  readonly scheme: Scheme;
  /** Names of files that were dropped, by the names that links call them by. */
  readonly fileNames: ReadonlyMap<string, string>;
  /** What the address asked for and could not be had. */
  readonly problems: readonly string[];
  /** Changes the state; `replace` while something is dragged, so that Back undoes a choice and not each step of it. */
  go(change: Partial<State>, how?: 'push' | 'replace'): void;
  /** Computes what is shown anew, with a fresh model. */
  again(): void;
  /** Takes files that were dropped or chosen: a model, or an input. */
  take(files: readonly File[]): Promise<void>;
  /** Keeps a file of values and gives the name that links call it by. */
  keep(file: File): Promise<string>;
  /** Shows what went wrong or must be known, in place. */
  tell(message: string, kind?: 'error' | 'note'): void;
}

export function questionOf(state: State): Question {
  const {
    model,
    input,
    row,
    method,
    target,
    baseline,
    tolerance,
    steps,
    quadrature,
    seed,
    layer,
    neuron,
    engine,
    params,
  } = state;
  return {
    model,
    input,
    row,
    method,
    target,
    baseline,
    tolerance,
    steps,
    quadrature,
    seed,
    layer,
    neuron,
    engine,
    params,
  };
}

export function lookOf({ view, clip, top, over, hatch, channels }: State, scheme: Scheme): Look {
  const forced = matchMedia('(forced-colors: active)').matches;
  return { view, clip, top, over, hatch: hatch || forced, channels, scheme };
}

/** Calls `changed` whenever the address or the colour scheme does. */
export function createApp(
  changed: (problems: readonly string[], fresh: boolean) => void,
  tell: App['tell'],
  again: App['again'],
): App & { model: ModelFacts | null } {
  const worker = new WorkerClient();
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const fileNames = new Map<string, string>();
  let current = parseState(location.hash);
  const read = (): void => {
    current = parseState(location.hash);
    changed(current.problems, true);
  };
  addEventListener('popstate', read);
  addEventListener('hashchange', () => {
    if (printState(current.state) !== printState(parseState(location.hash).state)) read();
  });
  dark.addEventListener('change', () => changed([], false));
  const app = {
    again,
    worker,
    preview: previewOf(worker, current.state, dark.matches ? 'dark' : 'light'),
    fileNames,
    model: null as ModelFacts | null,
    tell,
    get state(): State {
      return current.state;
    },
    get problems(): readonly string[] {
      return current.problems;
    },
    get scheme(): Scheme {
      return dark.matches ? ('dark' as const) : ('light' as const);
    },
    go(change: Partial<State>, how: 'push' | 'replace' = 'push'): void {
      const state = { ...current.state, ...change };
      const hash = `#${printState(state)}`;
      if (hash === `#${printState(current.state)}`) return;
      current = { state, problems: [] };
      if (how === 'push') history.pushState(null, '', hash);
      else history.replaceState(null, '', hash);
      changed([], how === 'push');
    },
    async keep(file: File): Promise<string> {
      return addInput(app, fileNames, { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) });
    },
    async take(files: readonly File[]): Promise<void> {
      try {
        await take(app, fileNames, files);
      } catch (error) {
        tell(error instanceof WorkerFailure ? error.failure.message : String(error));
      }
    },
  };
  return app;
}

/** Only the first screen has one; where it cannot be had, the page goes on without. */
function previewOf(worker: WorkerClient, state: State, scheme: Scheme): Promise<Explained | null> {
  if (state.screen !== 'explain') return Promise.resolve(null);
  return worker.call('preview', { question: questionOf(state), look: lookOf(state, scheme) }).catch((): null => null);
}

const IS_MODEL = /(\.onnx|(^|\/)model\.json|\.plan)$/iu;

async function take(app: App, names: Map<string, string>, files: readonly File[]): Promise<void> {
  if (files.length === 0) return;
  const read = await Promise.all(
    files.map(async (file): Promise<DroppedFile> => ({
      name: pathWithin(file),
      bytes: new Uint8Array(await file.arrayBuffer()),
    })),
  );
  const transfer = read.map(({ bytes }) => bytes.buffer);
  if (read.some(({ name }) => IS_MODEL.test(name))) {
    const isInput = (name: string): boolean => /\.(png|jpe?g|csv|npy|npz)$/iu.test(name);
    const models = read.filter(({ name }) => !isInput(name));
    const [input] = read.filter(({ name }) => isInput(name));
    const { id, main } = await app.worker.call('addModel', { files: models });
    names.set(id, main);
    const added = input === undefined ? null : await addInput(app, names, input);
    const before = printState(app.state);
    const fresh = {
      model: id,
      method: 'integrated-gradients',
      target: 'top1',
      baseline: '',
      layer: '',
      neuron: '',
      params: {},
      row: 0,
    };
    app.go({ ...fresh, input: added ?? (app.state.input.startsWith('file:') ? app.state.input : 'sample:0') });
    // The same files again, perhaps with those that were missing.
    if (printState(app.state) === before) app.again();
    return;
  }
  if (read.length > 1 || read[0] === undefined) {
    app.tell(
      'Several files were given and none of them is a model (.onnx, or model.json with its shards). Give one input at a time.',
    );
    return;
  }
  app.go({ input: await addInput(app, names, read[0], transfer), row: 0, target: 'top1' });
}

async function addInput(
  app: App,
  names: Map<string, string>,
  file: DroppedFile,
  transfer: Transferable[] = [],
): Promise<string> {
  const { id } = await app.worker.call('addInput', { file }, { transfer });
  names.set(id, file.name);
  return id;
}

/** Where a file lies in the folder that was given, without the folder's own name. */
function pathWithin(file: File): string {
  const path = file.webkitRelativePath;
  return path === '' ? file.name : path.slice(path.indexOf('/') + 1);
}
