/** What of the page stands in its address. Defaults are left out; keys that are not known are kept. */

export const SCREENS = ['explain', 'path', 'baselines', 'model', 'edge'] as const;
export type Screen = (typeof SCREENS)[number];
export const VIEWS = ['signed', 'positive', 'negative', 'absolute'] as const;

/** How one entry of the address is read and written. */
interface Field<T> {
  readonly key: string;
  readonly otherwise: T;
  /** null: not a value of this entry. */
  parse(text: string): T | null;
  print(value: T): string;
}

function choice<T extends string>(key: string, choices: readonly T[], otherwise: T): Field<T> {
  return {
    key,
    otherwise,
    parse: (text) => choices.find((known) => known === text) ?? null,
    print: String,
  };
}

function word(key: string, otherwise: string, pattern: RegExp): Field<string> {
  return { key, otherwise, parse: (text) => (pattern.test(text) ? text : null), print: String };
}

function number(key: string, otherwise: number, low: number, high: number, integer = false): Field<number> {
  return {
    key,
    otherwise,
    parse(text) {
      const value = text.trim() === '' ? Number.NaN : Number(text);
      return value >= low && value <= high && (!integer || Number.isInteger(value)) ? value : null;
    },
    print: (value) => String(value === 0 ? 0 : value),
  };
}

function flag(key: string, otherwise: boolean): Field<boolean> {
  return {
    key,
    otherwise,
    parse: (text) => (text === '1' ? true : text === '0' ? false : null),
    print: (value) => (value ? '1' : '0'),
  };
}

const FIELDS = {
  screen: choice('s', SCREENS, 'explain'),
  /** A bundled model, or `sha256:…` of a dropped one. */
  model: word('m', 'fashion-mnist', /^[a-z0-9:.-]{1,80}$/u),
  /** `sample:K`, `file:sha256…`, `text:…`, or `row:…` with numbers. */
  input: word('x', 'sample:0', /^(sample:\d{1,4}|file:[0-9a-f]{64}|text:[^]{0,400}|row:[-+0-9.eE,]{0,4000})$/u),
  /** Row of a file with several. */
  row: number('row', 0, 0, 1e9, true),
  method: word('method', 'integrated-gradients', /^[a-z0-9-]{1,60}$/u),
  target: word('target', 'top1', /^(top1|sum|\d{1,6}|\d{1,6}-\d{1,6})$/u),
  /** Empty: what suits the model. */
  baseline: word('baseline', '', /^[a-z0-9:.,+-]{0,200}$/iu),
  tolerance: number('tolerance', 0.05, 1e-6, 1),
  /** 0: as many as the tolerance asks for. */
  steps: number('steps', 0, 0, 10_000, true),
  quadrature: word('q', '', /^[a-z-]{0,30}$/u),
  seed: number('seed', 0, 0, 2 ** 53 - 1, true),
  layer: word('layer', '', /^[^]{0,200}$/u),
  neuron: word('neuron', '', /^[-0-9:,]{0,80}$/u),
  engine: choice('engine', ['wasm', 'reference'] as const, 'wasm'),
  view: choice('view', VIEWS, 'signed'),
  clip: number('clip', 99, 50, 100),
  /** Share of the strongest places that are shown, in percent. */
  top: number('top', 100, 1, 100),
  opacity: number('opacity', 100, 0, 100, true),
  over: flag('over', false),
  hatch: flag('hatch', false),
  channels: choice('channels', ['sum', 'max-abs'] as const, 'sum'),
  alpha: number('alpha', 1, 0, 1),
  baselines: word('set', '', /^[a-z0-9:.,+;-]{0,400}$/iu),
  average: flag('average', false),
  keys: flag('keys', true),
} as const;

type FieldName = keyof typeof FIELDS;
type ValueOf<F> = F extends Field<infer T> ? T : never;

export type State = { readonly [K in FieldName]: ValueOf<(typeof FIELDS)[K]> } & {
  /** Parameters of the method, as texts: `p.NAME=VALUE`. */
  readonly params: Readonly<Record<string, string>>;
  /** Entries that are not known. */
  readonly unknown: readonly (readonly [key: string, value: string])[];
};

const VERSION = '1';
const NAMES = Object.keys(FIELDS) as FieldName[];
const BY_KEY: ReadonlyMap<string, FieldName> = new Map(NAMES.map((name) => [FIELDS[name].key, name]));

export const DEFAULT_STATE: State = {
  ...(Object.fromEntries(NAMES.map((name) => [name, FIELDS[name].otherwise])) as Pick<State, FieldName>),
  params: {},
  unknown: [],
};

/** Reads the part of an address after `#`. What cannot be used falls back to its default and is listed. */
export function parseState(hash: string): { readonly state: State; readonly problems: readonly string[] } {
  const values: Record<string, unknown> = { ...DEFAULT_STATE };
  const params: Record<string, string> = {};
  const unknown: (readonly [string, string])[] = [];
  const problems: string[] = [];
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/u, ''))) {
    const name = BY_KEY.get(key);
    if (key === 'v') {
      if (text !== VERSION) problems.push(`This link was made by another version (${text}) of the page.`);
    } else if (key.startsWith('p.') && key.length > 2) params[key.slice(2)] = text;
    else if (name === undefined) unknown.push([key, text]);
    else {
      const value = FIELDS[name].parse(text);
      if (value === null) problems.push(`The link says ${key}=${text.slice(0, 40)}, which is not possible here.`);
      else values[name] = value;
    }
  }
  return { state: { ...(values as unknown as State), params, unknown }, problems };
}

/** The part of the address after `#`. */
export function printState(state: State): string {
  const entries = new URLSearchParams([['v', VERSION]]);
  for (const name of NAMES) {
    const field = FIELDS[name] as Field<unknown>;
    const text = field.print(state[name]);
    if (text !== field.print(field.otherwise)) entries.append(field.key, text);
  }
  for (const name of Object.keys(state.params).sort()) entries.append(`p.${name}`, state.params[name] as string);
  for (const [key, value] of state.unknown) entries.append(key, value);
  // Colons and commas may stand in a fragment as they are, and read better.
  return entries.toString().replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%3B', ';').replaceAll('%2F', '/');
}
