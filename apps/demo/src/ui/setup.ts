import type { App } from '../app.ts';
import { SAMPLES, sampleOf, type Sample } from '../samples.ts';
import type { State } from '../state.ts';
import type { MethodForm, ModelFacts, ParamForm } from '../worker/protocol.ts';
import { fill, h, rove, setRoving } from './dom.ts';
import { fileButtons } from './drop.ts';
import { size } from './format.ts';

/** What is explained and how: model, input, method and its parameters, baseline, accuracy. Forms come from the registry. */
export class Setup {
  readonly #app: App;
  readonly #models: HTMLElement;
  readonly #inputs: HTMLElement;
  readonly #method: HTMLElement;
  #shownInputs = '';
  #shownMethod = '';

  constructor(app: App, container: HTMLElement) {
    this.#app = app;
    this.#models = h('div', { class: 'cards', role: 'group', 'aria-label': 'Model' });
    this.#inputs = h('div', { class: 'inputs' });
    this.#method = h('form', { class: 'form', submit: (event) => event.preventDefault() });
    rove(this.#models, 'button');
    fill(
      container,
      h('h2', {}, 'Model'),
      this.#models,
      fileButtons(app),
      h('p', { class: 'quiet' }, 'or drop files anywhere on the page'),
      h('h2', {}, 'Input'),
      this.#inputs,
      h('h2', {}, 'Method'),
      this.#method,
    );
  }

  update(): void {
    const { state, model } = this.#app;
    this.#updateModels(state);
    const inputs = JSON.stringify([state.model, state.input, state.row, model?.kind]);
    if (inputs !== this.#shownInputs && !this.#isTyping(this.#inputs)) {
      this.#shownInputs = inputs;
      this.#updateInputs(state, model);
    }
    const { method, baseline, tolerance, steps, quadrature, seed, layer, neuron, params } = state;
    const form = [method, baseline, tolerance, steps, quadrature, seed, layer, neuron, params];
    const own = JSON.stringify([form, model?.id, model?.methods.length]);
    if (own !== this.#shownMethod && !this.#isTyping(this.#method)) {
      this.#shownMethod = own;
      const focused = document.activeElement?.id;
      if (model !== null) this.#updateMethod(state, model);
      if (focused !== undefined && focused !== '') document.getElementById(focused)?.focus();
    }
  }

  #isTyping(within: HTMLElement): boolean {
    const { activeElement } = document;
    return activeElement instanceof HTMLTextAreaElement && within.contains(activeElement);
  }

  #updateModels(state: State): void {
    const card = (id: string, title: string, summary: string): HTMLElement =>
      h(
        'button',
        {
          type: 'button',
          class: 'card',
          'aria-pressed': String(id === state.model),
          title: summary,
          'data-model': id,
          click: () =>
            this.#app.go({
              model: id,
              input: 'sample:0',
              target: 'top1',
              baseline: '',
              layer: '',
              neuron: '',
              row: 0,
              baselines: '',
            }),
        },
        title,
      );
    const own = state.model.startsWith('sha256:');
    const name = this.#app.fileNames.get(state.model) ?? 'your model';
    const focused = this.#models.contains(document.activeElement);
    fill(
      this.#models,
      ...SAMPLES.map(({ id, title, summary }) => card(id, title, summary)),
      own && card(state.model, name, 'the model that you gave'),
    );
    setRoving(this.#models, 'button', (item) => item.getAttribute('aria-pressed') === 'true');
    if (focused) this.#models.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }

  #updateInputs(state: State, model: ModelFacts | null): void {
    const sample = sampleOf(state.model);
    const facts = model?.inputs.map(({ name, shape, dtype }) => `${name} ${dtype} ${shape}`).join(', ');
    fill(
      this.#inputs,
      sample !== undefined && this.#sampleInputs(sample, state),
      sample?.kind === 'text' && this.#textInput(sample, state),
      state.input.startsWith('file:') && this.#fileInput(state),
      h(
        'p',
        { class: 'quiet' },
        [facts, model?.bytes === null || model === null ? '' : size(model.bytes)].filter(Boolean).join(' · '),
      ),
    );
  }

  #sampleInputs(sample: Sample, state: State): HTMLElement {
    const group = h(
      'div',
      { class: sample.kind === 'image' ? 'thumbs' : 'cards', role: 'group', 'aria-label': 'Samples' },
      ...sample.inputs.map(({ title, url }, k) =>
        h(
          'button',
          {
            type: 'button',
            class: url === undefined ? 'card' : 'thumb',
            'aria-pressed': String(state.input === `sample:${k}`),
            'aria-label': title,
            title,
            click: () => this.#app.go({ input: `sample:${k}`, target: 'top1', row: 0 }),
          },
          url === undefined ? title : h('img', { src: url, alt: '', width: 44, height: 44 }),
        ),
      ),
    );
    rove(group, 'button');
    setRoving(group, 'button', (item) => item.getAttribute('aria-pressed') === 'true');
    return group;
  }

  #textInput(sample: Sample, state: State): HTMLElement {
    const index = Number(/^sample:(\d+)$/u.exec(state.input)?.[1] ?? -1);
    const text = state.input.startsWith('text:')
      ? state.input.slice('text:'.length)
      : (sample.inputs[index]?.text ?? '');
    let timer: ReturnType<typeof setTimeout> | undefined;
    const area = h('textarea', {
      id: 'text',
      rows: 3,
      spellcheck: 'false',
      input: () => {
        clearTimeout(timer);
        timer = setTimeout(
          () => this.#app.go({ input: `text:${area.value.slice(0, 400)}`, target: 'top1' }, 'replace'),
          300,
        );
      },
    });
    area.value = text;
    return h('div', { class: 'field' }, h('label', { for: 'text' }, 'Text (up to 12 words)'), area);
  }

  #fileInput(state: State): HTMLElement {
    const name = this.#app.fileNames.get(state.input) ?? 'a file that is not here';
    const row = h('input', {
      id: 'row',
      type: 'number',
      min: 1,
      value: state.row + 1,
      change: () => this.#app.go({ row: Math.max(0, Math.round(row.valueAsNumber || 1) - 1) }),
    });
    return h('div', { class: 'field' }, h('label', { for: 'row' }, `Row of ${name}`), row);
  }

  #updateMethod(state: State, model: ModelFacts): void {
    const { methods } = model;
    const usable = methods.filter(({ blocked }) => blocked === null);
    const method = methods.find(({ id }) => id === state.method);
    const isLayer = (m: MethodForm): boolean => m.takesLayer;
    const option = (m: MethodForm): HTMLElement =>
      h('option', { value: m.id, selected: m.id === state.method }, m.title);
    const blocked = methods.filter((m) => m.blocked !== null);
    fill(
      this.#method,
      this.#select(
        'method',
        'Method',
        [
          h('optgroup', { label: 'Of the input' }, ...usable.filter((m) => !isLayer(m)).map(option)),
          h('optgroup', { label: 'Of a layer or neuron' }, ...usable.filter(isLayer).map(option)),
        ],
        (value) => this.#app.go({ method: value, params: {}, ...this.#fitting(value) }),
      ),
      method !== undefined && h('p', { class: 'quiet' }, method.summary, ' ', h('cite', {}, method.reference)),
      blocked.length > 0 &&
        h(
          'details',
          {},
          h('summary', {}, `${blocked.length} methods that this model does not allow`),
          h('ul', {}, ...blocked.map(({ title, blocked: why }) => h('li', {}, `${title}: ${why}`))),
        ),
      ...(method === undefined ? [] : this.#fields(state, method, model)),
    );
  }

  /** What else must change when a method is chosen. */
  #fitting(id: string): Partial<State> {
    const method = this.#app.model?.methods.find((known) => known.id === id);
    if (method === undefined) return {};
    return {
      ...(method.quadrature === 'none' && { steps: 0 }),
      quadrature: '',
      ...(!method.takesLayer && { layer: '', neuron: '' }),
    };
  }

  #fields(state: State, method: MethodForm, model: ModelFacts): HTMLElement[] {
    return [
      ...(method.takesBaseline ? [this.#baseline(state, model)] : []),
      ...this.#accuracy(state, method, model),
      ...(method.takesLayer
        ? [
            this.#text('layer', 'Layer (a tensor; see the Model screen)', state.layer, (layer) =>
              this.#app.go({ layer }),
            ),
          ]
        : []),
      ...(method.takesNeuron
        ? [
            this.#text('neuron', 'Neuron (index or slice per axis, as 4,6,4)', state.neuron, (neuron) =>
              this.#app.go({ neuron }),
            ),
          ]
        : []),
      ...method.params.map((param) => this.#param(state, param)),
      ...(method.random
        ? [this.#number('seed', 'Seed', state.seed, { min: 0, step: 1 }, (seed) => this.#app.go({ seed }))]
        : []),
    ];
  }

  #baseline(state: State, model: ModelFacts): HTMLElement {
    const own = sampleOf(model.id);
    const choices = baselineChoices(model);
    const isListed = state.baseline === '' || choices.some(([value]) => value === state.baseline);
    const list = isListed ? choices : [...choices, [state.baseline, state.baseline] as const];
    const chosen = state.baseline === '' ? (own?.baseline ?? 'zeros') : state.baseline;
    return this.#select(
      'baseline',
      'Baseline: the absent input',
      list.map(([value, title]) => h('option', { value, selected: value === chosen }, title)),
      (value) => this.#app.go({ baseline: value === (own?.baseline ?? 'zeros') ? '' : value }),
    );
  }

  #accuracy(state: State, method: MethodForm, model: ModelFacts): HTMLElement[] {
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
        input: () => this.#app.go({ tolerance: tolerances[slider.valueAsNumber] as number }, 'replace'),
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
      this.#number(
        'steps',
        hasTolerance ? 'Points (empty: as many as the tolerance needs)' : 'Points',
        state.steps === 0 ? null : state.steps,
        { min: 1, max: 10_000, step: 1 },
        (steps) =>
          this.#app.go({ steps: Number.isNaN(steps) ? 0 : steps, ...(Number.isNaN(steps) && { quadrature: '' }) }),
      ),
    );
    if (method.quadrature !== 'steps' && state.steps > 0) {
      fields.push(
        this.#select(
          'quadrature',
          'Rule',
          ['', ...model.rules].map((rule) =>
            h('option', { value: rule, selected: rule === state.quadrature }, rule === '' ? 'usual' : rule),
          ),
          (quadrature) => this.#app.go({ quadrature }),
        ),
      );
    }
    return fields;
  }

  #param(state: State, { name, doc, type, range, otherwise, choices }: ParamForm): HTMLElement {
    const value = state.params[name] ?? '';
    const set = (text: string): void => {
      const { [name]: _, ...others } = this.#app.state.params;
      this.#app.go({ params: text === '' || text === otherwise ? others : { ...others, [name]: text } });
    };
    const id = `param-${name}`;
    const label = `${name}: ${doc}`;
    if (type === 'boolean' || type === 'choice') {
      const shown = value === '' ? otherwise : value;
      const list = choices ?? ['true', 'false'];
      return this.#select(
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

  #select(id: string, label: string, options: readonly HTMLElement[], chosen: (value: string) => void): HTMLElement {
    const select = h('select', { id, change: () => chosen(select.value) }, ...options);
    return h('div', { class: 'field' }, h('label', { for: id }, label), select);
  }

  #text(id: string, label: string, value: string, chosen: (value: string) => void): HTMLElement {
    const input = h('input', { id, type: 'text', value, change: () => chosen(input.value.trim()) });
    return h('div', { class: 'field' }, h('label', { for: id }, label), input);
  }

  #number(
    id: string,
    label: string,
    value: number | null,
    limits: Readonly<Record<string, number>>,
    chosen: (value: number) => void,
  ): HTMLElement {
    const input = h('input', {
      id,
      type: 'number',
      ...limits,
      ...(value !== null && { value }),
      change: () => chosen(input.value === '' ? Number.NaN : Math.round(input.valueAsNumber)),
    });
    return h('div', { class: 'field' }, h('label', { for: id }, label), input);
  }
}

/** Baselines that suit what a model reads, with their titles. */
export function baselineChoices({
  kind,
  id,
}: Pick<ModelFacts, 'kind' | 'id'>): readonly (readonly [value: string, title: string])[] {
  const sample = sampleOf(id);
  const others = sample?.inputs.map(({ title }, k) => [`sample:${k}`, `sample: ${title}`] as const) ?? [];
  const zeros = ['zeros', kind === 'image' ? 'black (zeros)' : 'zeros'] as const;
  switch (kind) {
    case 'image':
      return [
        zeros,
        ['1', 'white (ones)'],
        ['mean', 'mean of the image'],
        ['blur:2', 'blurred, σ 2'],
        ['blur:4', 'blurred, σ 4'],
        ['max-distance', 'farthest colour of each pixel'],
        ['uniform:8', '8 of uniform noise'],
        ['gaussian:8', '8 of Gaussian noise'],
        ...others,
      ];
    case 'series':
      return [
        zeros,
        ['mean', 'mean of the series'],
        ['blur:4', 'blurred, σ 4'],
        ['blur:16', 'blurred, σ 16'],
        ['gaussian:8', '8 of Gaussian noise'],
        ...others,
      ];
    case 'table':
      return [
        ...(sample?.typical === undefined ? [] : [['typical', 'a typical row (means)'] as const]),
        zeros,
        ['max-distance', 'farthest value of each feature'],
        ...others,
      ];
    case 'text':
      return [['zeros', 'no word (zero embeddings)'], ...others];
    case 'other':
      return [zeros, ['mean', 'mean'], ['max-distance', 'farthest value of each feature']];
  }
}
