import type { App } from '../app.ts';
import { SAMPLES } from '../samples.ts';
import { fill, h, later, rove, setRoving } from './dom.ts';
import { fileButtons } from './drop.ts';
import { InputChoice } from './inputs.ts';
import { MethodChoice, methodFields } from './method-form.ts';

/** What is explained and how: model, input, method and its parameters, baseline, accuracy. Forms come from the registry. */
export class Setup {
  readonly #app: App;
  readonly #models = h('div', { class: 'cards', role: 'group', 'aria-label': 'Model' });
  readonly #inputs: InputChoice;
  readonly #method: MethodChoice;
  readonly #fields = h('div');
  #shownModels = '';
  #shownFields = '';

  constructor(app: App, container: HTMLElement) {
    this.#app = app;
    this.#inputs = new InputChoice(app);
    this.#method = new MethodChoice(app);
    rove(this.#models, 'button');
    const form = h('form', { class: 'form', submit: (event) => event.preventDefault() });
    fill(form, this.#method.element, this.#fields);
    fill(
      container,
      h('h2', {}, 'Model'),
      this.#models,
      fileButtons(app),
      h('p', { class: 'quiet' }, 'or drop files anywhere on the page'),
      h('h2', {}, 'Input'),
      this.#inputs.element,
      h('h2', {}, 'Method'),
      form,
    );
  }

  update(): void {
    const { model } = this.#app;
    this.#updateModels();
    this.#inputs.update();
    if (model === null) return;
    this.#method.update(model);
    // In a task of its own: lists of methods and fields together take long on slow machines.
    later(() => this.#updateFields());
  }

  #updateFields(): void {
    const { state, model } = this.#app;
    if (model === null) return;
    const { method, baseline, tolerance, steps, quadrature, seed, layer, neuron, params } = state;
    const shown = JSON.stringify([
      [method, baseline, tolerance, steps, quadrature, seed, layer, neuron, params],
      model.id,
      model.methods.length,
    ]);
    if (shown === this.#shownFields) return;
    this.#shownFields = shown;
    const focused = document.activeElement?.id;
    fill(this.#fields, ...methodFields(this.#app, model));
    if (focused !== undefined && focused !== '') document.getElementById(focused)?.focus();
  }

  #updateModels(): void {
    const { state, fileNames } = this.#app;
    const own = state.model.startsWith('sha256:');
    const shown = own ? state.model : '';
    const focused = this.#models.contains(document.activeElement);
    if (shown !== this.#shownModels || this.#models.childElementCount === 0) {
      this.#shownModels = shown;
      const name = fileNames.get(state.model) ?? 'your model';
      fill(
        this.#models,
        ...SAMPLES.map(({ id, title, summary }) => this.#card(id, title, summary)),
        own && this.#card(state.model, name, 'the model that you gave'),
      );
    }
    for (const item of this.#models.querySelectorAll('button')) {
      item.setAttribute('aria-pressed', String(item.dataset['model'] === state.model));
    }
    setRoving(this.#models, 'button', (item) => item.getAttribute('aria-pressed') === 'true');
    if (focused) this.#models.querySelector<HTMLElement>('[tabindex="0"]')?.focus();
  }

  #card(id: string, title: string, summary: string): HTMLElement {
    const fresh = { input: 'sample:0', target: 'top1', baseline: '', layer: '', neuron: '', row: 0, baselines: '' };
    return h(
      'button',
      {
        type: 'button',
        class: 'card',
        title: summary,
        'data-model': id,
        click: () => this.#app.go({ model: id, ...fresh }),
      },
      title,
    );
  }
}
