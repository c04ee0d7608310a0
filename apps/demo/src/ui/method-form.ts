import type { App } from '../app.ts';
import { sampleOf } from '../samples.ts';
import type { State } from '../state.ts';
import type { MethodForm, ModelFacts, ParamForm } from '../worker/protocol.ts';
import { baselineChoices } from './baseline-choices.ts';
import { fill, h } from './dom.ts';
import { numberField, selectField, textField } from './fields.ts';

/** The list of methods with what the chosen one is, and those that the model does not allow. */
export class MethodChoice {
  readonly element: HTMLElement = h('div');
  readonly #app: App;
  readonly #summary = h('p', { class: 'quiet' });
  #listed: readonly MethodForm[] | null = null;

  constructor(app: App) {
    this.#app = app;
  }

  update({ methods }: ModelFacts): void {
    if (methods !== this.#listed) this.#list(methods);
    const method = methods.find(({ id }) => id === this.#app.state.method);
    const select = this.element.querySelector('select');
    if (select !== null && method?.blocked === null) select.value = method.id;
    if (method === undefined) fill(this.#summary);
    else fill(this.#summary, `${method.summary} `, h('cite', {}, method.reference));
  }

  #list(methods: readonly MethodForm[]): void {
    this.#listed = methods;
    const usable = methods.filter(({ blocked }) => blocked === null);
    const blocked = methods.filter((m) => m.blocked !== null);
    const option = ({ id, title }: MethodForm): HTMLElement => h('option', { value: id }, title);
    const app = this.#app;
    fill(
      this.element,
      selectField(
        'method',
        'Method',
        [
          h('optgroup', { label: 'Of the input' }, ...usable.filter((m) => !m.takesLayer).map(option)),
          h('optgroup', { label: 'Of a layer or neuron' }, ...usable.filter((m) => m.takesLayer).map(option)),
        ],
        (value) => app.go({ method: value, params: {}, ...fitting(app, value) }),
      ),
      this.#summary,
      blocked.length > 0 &&
        h(
          'details',
          {},
          h(
            'summary',
            {},
            `${blocked.length === 1 ? 'One method' : `${blocked.length} methods`} that this model does not allow`,
          ),
          h('ul', {}, ...blocked.map(({ title, blocked: why }) => h('li', {}, `${title}: ${why}`))),
        ),
    );
  }
}

/** What else must change when a method is chosen. */
function fitting(app: App, id: string): Partial<State> {
  const method = app.model?.methods.find((known) => known.id === id);
  if (method === undefined) return {};
  return {
    ...(method.quadrature === 'none' && { steps: 0 }),
    quadrature: '',
    ...(!method.takesLayer && { layer: '', neuron: '' }),
  };
}

/** What the chosen method takes: baseline, accuracy, layer, parameters, seed. */
export function methodFields(app: App, model: ModelFacts): HTMLElement[] {
  const { state } = app;
  const method = model.methods.find(({ id }) => id === state.method);
  if (method === undefined) return [];
  return [
    ...(method.takesBaseline ? [baselineField(app, model)] : []),
    ...accuracyFields(app, method, model),
    ...(method.takesLayer
      ? [textField('layer', 'Layer (a tensor; see the Model screen)', state.layer, (layer) => app.go({ layer }))]
      : []),
    ...(method.takesNeuron
      ? [
          textField('neuron', 'Neuron (index or slice per axis, as 4,6,4)', state.neuron, (neuron) =>
            app.go({ neuron }),
          ),
        ]
      : []),
    ...method.params.map((param) => paramField(app, param)),
    ...(method.random
      ? [numberField('seed', 'Seed', state.seed, { min: 0, step: 1 }, (seed) => app.go({ seed }))]
      : []),
  ];
}

function baselineField(app: App, model: ModelFacts): HTMLElement {
  const { state } = app;
  const own = sampleOf(model.id);
  const choices = baselineChoices(model);
  const isListed = state.baseline === '' || choices.some(([value]) => value === state.baseline);
  const list = isListed ? choices : [...choices, [state.baseline, state.baseline] as const];
  const chosen = state.baseline === '' ? (own?.baseline ?? 'zeros') : state.baseline;
  return selectField(
    'baseline',
    'Baseline: the absent input',
    list.map(([value, title]) => h('option', { value, selected: value === chosen }, title)),
    (value) => app.go({ baseline: value === (own?.baseline ?? 'zeros') ? '' : value }),
  );
}

function accuracyFields(app: App, method: MethodForm, model: ModelFacts): HTMLElement[] {
  const { state } = app;
  if (method.quadrature === 'none') return [];
  const fields: HTMLElement[] = [];
  const hasTolerance = method.quadrature === 'all';
  if (hasTolerance) {
    const tolerances = [0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001];
    const near = tolerances.findIndex((t) => t <= state.tolerance * 1.0001);
    const slider = h('input', {
      id: 'tolerance',
      type: 'range',
      min: 0,
      max: tolerances.length - 1,
      step: 1,
      value: near < 0 ? tolerances.length - 1 : near,
      disabled: state.steps > 0,
      'aria-valuetext': `${100 * state.tolerance} %`,
      input: () => app.go({ tolerance: tolerances[slider.valueAsNumber] as number }, 'replace'),
    });
    fields.push(
      h(
        'div',
        { class: 'field' },
        h(
          'label',
          { for: 'tolerance' },
          `Tolerance: ${Number((100 * state.tolerance).toPrecision(3))} % error per feature`,
        ),
        slider,
      ),
    );
  }
  fields.push(
    numberField(
      'steps',
      hasTolerance ? 'Points (empty: as many as the tolerance needs)' : 'Points',
      state.steps === 0 ? null : state.steps,
      { min: 1, max: 10_000, step: 1 },
      (steps) => app.go({ steps: Number.isNaN(steps) ? 0 : steps, ...(Number.isNaN(steps) && { quadrature: '' }) }),
    ),
  );
  if (method.quadrature !== 'steps' && state.steps > 0) {
    fields.push(
      selectField(
        'quadrature',
        'Rule',
        ['', ...model.rules].map((rule) =>
          h('option', { value: rule, selected: rule === state.quadrature }, rule === '' ? 'usual' : rule),
        ),
        (quadrature) => app.go({ quadrature }),
      ),
    );
  }
  return fields;
}

function paramField(app: App, { name, doc, type, range, otherwise, choices }: ParamForm): HTMLElement {
  const value = app.state.params[name] ?? '';
  const set = (text: string): void => {
    const { [name]: _, ...others } = app.state.params;
    app.go({ params: text === '' || text === otherwise ? others : { ...others, [name]: text } });
  };
  const id = `param-${name}`;
  const label = `${name}: ${doc}`;
  if (type === 'boolean' || type === 'choice') {
    const shown = value === '' ? otherwise : value;
    const list = choices ?? ['true', 'false'];
    return selectField(
      id,
      label,
      list.map((each) => h('option', { value: each, selected: each === shown }, each)),
      set,
    );
  }
  const input = h('input', {
    id,
    type: 'text',
    value,
    placeholder: otherwise === '' ? range : otherwise,
    title: range,
    change: () => set(input.value.trim()),
  });
  return h('div', { class: 'field' }, h('label', { for: id }, label), input);
}
