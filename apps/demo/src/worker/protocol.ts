/** What the page and its worker say to each other: plain data only. */
import type { State } from '../state.ts';

export type Scheme = 'light' | 'dark';

/** What is to be computed: a change of any of these is a new computation. */
export type Question = Pick<
  State,
  | 'model'
  | 'input'
  | 'row'
  | 'method'
  | 'target'
  | 'baseline'
  | 'tolerance'
  | 'steps'
  | 'quadrature'
  | 'seed'
  | 'layer'
  | 'neuron'
  | 'engine'
  | 'params'
>;

/** How a result is drawn. */
export type Look = Pick<State, 'view' | 'clip' | 'top' | 'over' | 'hatch' | 'channels'> & { readonly scheme: Scheme };

export interface ParamForm {
  readonly name: string;
  readonly doc: string;
  readonly type: 'number' | 'integer' | 'boolean' | 'choice' | 'choices' | 'numbers';
  readonly range: string;
  readonly otherwise: string;
  readonly choices?: readonly string[];
}

export interface MethodForm {
  readonly id: string;
  readonly title: string;
  readonly summary: string;
  readonly reference: string;
  readonly params: readonly ParamForm[];
  readonly takesBaseline: boolean;
  readonly takesLayer: boolean;
  readonly takesNeuron: boolean;
  readonly quadrature: 'all' | 'fixed' | 'steps' | 'none';
  readonly random: boolean;
  /** null: usable; otherwise why it is not. */
  readonly blocked: string | null;
}

export interface ModelFacts {
  readonly id: string;
  readonly name: string;
  readonly bytes: number | null;
  readonly kind: 'image' | 'table' | 'text' | 'series' | 'other';
  readonly inputs: readonly { readonly name: string; readonly shape: string; readonly dtype: string }[];
  readonly outputs: readonly { readonly name: string; readonly shape: string }[];
  readonly labels: readonly string[] | null;
  readonly methods: readonly MethodForm[];
  readonly rules: readonly string[];
  readonly notes: readonly string[];
}

export interface DrawnPicture {
  readonly title: string;
  readonly svg: string;
  readonly width: number;
  readonly height: number;
  readonly alt: string;
  /** Where the colours of a map end, for screens on which its legend is too small. */
  readonly ends: string | null;
  readonly table: {
    readonly caption: string;
    readonly columns: readonly string[];
    readonly rows: readonly (readonly string[])[];
  };
}

/** One number a place of the picture, for reading by pointer or keyboard. */
export type Probe =
  | { readonly kind: 'map'; readonly width: number; readonly height: number; readonly values: Float64Array }
  | { readonly kind: 'list'; readonly names: readonly string[]; readonly values: Float64Array };

export interface Badge {
  readonly word: 'exact' | 'good' | 'check' | 'stated';
  readonly sentence: string;
  readonly reasons: readonly string[];
  readonly evaluations: string;
  readonly error: number | null;
  readonly delta: number | null;
  readonly milliseconds: number;
  readonly engine: string;
}

export interface Chip {
  readonly index: number;
  readonly label: string;
  readonly value: number;
}

export interface Explained {
  readonly final: boolean;
  readonly picture: DrawnPicture;
  readonly probe: Probe;
  readonly badge: Badge;
  readonly chips: readonly Chip[];
  /** In words. */
  readonly target: string;
  readonly warnings: readonly string[];
  /** Name and value of each feature, where there are few. */
  readonly features: readonly { readonly name: string; readonly value: number }[] | null;
  readonly words: readonly string[] | null;
  readonly image: { readonly width: number; readonly height: number; readonly data: Uint8ClampedArray } | null;
}

export interface PathCurve {
  readonly alphas: readonly number[];
  readonly outputs: readonly number[];
  readonly cumulative: readonly number[];
  readonly norms: readonly number[];
  /** Of each panel between neighbouring points: trapezoid minus change of the output. */
  readonly residuals: readonly number[];
  readonly change: number;
  readonly target: string;
  readonly saturation: string;
  /** The same integral by the rule that is chosen. */
  readonly rule: Badge;
  readonly ruleName: string;
}

export interface PathFrame {
  readonly alpha: number;
  readonly output: number;
  readonly cumulative: number;
  readonly pictures: readonly DrawnPicture[];
  /** The interpolated input, where it is an image. */
  readonly image: Explained['image'];
}

export interface BaselineResult {
  readonly name: string;
  readonly badge: Badge;
  readonly picture: DrawnPicture;
}

export interface BaselineSet {
  readonly results: readonly BaselineResult[];
  readonly average: DrawnPicture | null;
  readonly spread: DrawnPicture | null;
  readonly limit: number;
  readonly failures: readonly { readonly name: string; readonly message: string }[];
}

export interface LayerFacts {
  readonly name: string;
  readonly op: string;
  readonly shape: string;
  readonly gradient: 'rule' | 'zero' | 'missing';
}

export interface ModelGraph {
  /** null: too large to be drawn. */
  readonly svg: string | null;
  /** Boxes that are drawn before those of the layers. */
  readonly before: number;
  readonly layers: readonly LayerFacts[];
  readonly facts: readonly (readonly [string, string])[];
  readonly engines: readonly (readonly [string, string])[];
  readonly blocked: readonly (readonly [string, string])[];
}

export interface EdgeFacts {
  readonly features: readonly (readonly [name: string, value: string, help: string])[];
  readonly coreBytes: number;
}

export interface Benchmark {
  readonly engine: string;
  readonly points: number;
  readonly milliseconds: number;
}

export interface FileOut {
  readonly name: string;
  readonly type: string;
  readonly content: string | Uint8Array<ArrayBuffer>;
}

export interface DroppedFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Whose result is saved: that of the first screen, of the path, or the mean over baselines. */
export type Saved = 'explain' | 'path' | 'baselines';

/** Calls by name: what they are given, what they give, and what they give on the way. */
export interface Calls {
  /** A picture that is not final, had with little code; null for questions that take more. */
  preview: {
    given: { readonly question: Question; readonly look: Look };
    gives: Explained | null;
    partly: never;
  };
  open: { given: { readonly model: string; readonly engine: State['engine'] }; gives: ModelFacts; partly: never };
  explain: { given: { readonly question: Question; readonly look: Look }; gives: Explained; partly: Explained };
  draw: { given: { readonly look: Look }; gives: Explained; partly: never };
  occlude: {
    given: { readonly word: number };
    gives: { readonly before: number; readonly after: number };
    partly: never;
  };
  save: {
    given: { readonly from: Saved; readonly format: 'svg' | 'json' | 'npy' | 'html'; readonly look: Look };
    gives: FileOut;
    partly: never;
  };
  path: { given: { readonly question: Question; readonly look: Look }; gives: PathCurve; partly: never };
  frame: { given: { readonly alpha: number; readonly look: Look }; gives: PathFrame; partly: never };
  baselines: {
    given: { readonly question: Question; readonly look: Look; readonly names: readonly string[] };
    gives: BaselineSet;
    partly: BaselineSet;
  };
  drawBaselines: { given: { readonly look: Look }; gives: BaselineSet; partly: never };
  graph: { given: { readonly model: string; readonly engine: State['engine'] }; gives: ModelGraph; partly: never };
  edge: { given: Record<string, never>; gives: EdgeFacts; partly: never };
  benchmark: { given: { readonly question: Question }; gives: readonly Benchmark[]; partly: readonly Benchmark[] };
  bundle: {
    given: { readonly file: 'core' | 'plan' | 'worker'; readonly question: Question };
    gives: FileOut;
    partly: never;
  };
  addModel: {
    given: { readonly files: readonly DroppedFile[] };
    gives: { readonly id: string; readonly main: string };
    partly: never;
  };
  addInput: { given: { readonly file: DroppedFile }; gives: { readonly id: string }; partly: never };
}

export type CallName = keyof Calls;

export type Handler<K extends CallName> = (
  given: Calls[K]['given'],
  signal: AbortSignal,
  part: (value: Calls[K]['partly']) => void,
) => Promise<Calls[K]['gives']>;

export type Handlers = { readonly [K in CallName]: Handler<K> };

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly node: string | null;
  readonly op: string | null;
}

export type ToWorker =
  | { [K in CallName]: { readonly id: number; readonly call: K; readonly given: Calls[K]['given'] } }[CallName]
  | { readonly cancel: number };

export type FromWorker =
  | { readonly id: number; readonly part: unknown }
  | { readonly id: number; readonly done: unknown }
  | { readonly id: number; readonly failed: Failure };
