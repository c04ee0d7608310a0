import type { App } from '../app.ts';
import { sampleOf, type Sample } from '../samples.ts';
import { fill, h, rove, setRoving } from './dom.ts';
import { size } from './format.ts';

/** What is explained: a sample of the model, a text, or a row of a file. */
export class InputChoice {
  readonly element: HTMLElement = h('div', { class: 'inputs' });
  readonly #app: App;
  readonly #samples = h('div', { role: 'group', 'aria-label': 'Samples' });
  readonly #own = h('div');
  readonly #facts = h('p', { class: 'quiet' });
  #listed: Sample | undefined;
  #shown = '';

  constructor(app: App) {
    this.#app = app;
    rove(this.#samples, 'button');
    fill(this.element, this.#samples, this.#own, this.#facts);
  }

  update(): void {
    const { state, model } = this.#app;
    const sample = sampleOf(state.model);
    if (sample !== this.#listed) this.#list(sample);
    for (const item of this.#samples.querySelectorAll('button')) {
      item.setAttribute('aria-pressed', String(item.dataset['input'] === state.input));
    }
    setRoving(this.#samples, 'button', (item) => item.getAttribute('aria-pressed') === 'true');
    const facts = model?.inputs.map(({ name, shape, dtype }) => `${name} ${dtype} ${shape}`).join(', ');
    const bytes = model?.bytes ?? null;
    this.#facts.textContent = [facts, bytes === null ? '' : size(bytes)].filter(Boolean).join(' · ');
    const shown = JSON.stringify([state.model, state.input, state.row]);
    if (shown === this.#shown || this.#isTyping()) return;
    this.#shown = shown;
    fill(this.#own, sample?.kind === 'text' && this.#text(sample), state.input.startsWith('file:') && this.#file());
  }

  #isTyping(): boolean {
    const { activeElement } = document;
    return activeElement instanceof HTMLTextAreaElement && this.element.contains(activeElement);
  }

  #list(sample: Sample | undefined): void {
    this.#listed = sample;
    this.#samples.className = sample?.kind === 'image' ? 'thumbs' : 'cards';
    this.#samples.hidden = sample === undefined;
    fill(
      this.#samples,
      ...(sample?.inputs ?? []).map(({ title, url }, k) =>
        h(
          'button',
          {
            type: 'button',
            class: url === undefined ? 'card' : 'thumb',
            'data-input': `sample:${k}`,
            'aria-label': title,
            title,
            click: () => this.#app.go({ input: `sample:${k}`, target: 'top1', row: 0 }),
          },
          url === undefined ? title : h('img', { src: url, alt: '', width: 44, height: 44 }),
        ),
      ),
    );
  }

  #text(sample: Sample): HTMLElement {
    const { input } = this.#app.state;
    const index = Number(/^sample:(\d+)$/u.exec(input)?.[1] ?? -1);
    const text = input.startsWith('text:') ? input.slice('text:'.length) : (sample.inputs[index]?.text ?? '');
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

  #file(): HTMLElement {
    const { state, fileNames } = this.#app;
    const name = fileNames.get(state.input) ?? 'a file that is not here';
    if (/\.(png|jpe?g)$/iu.test(name)) return h('p', {}, name);
    const row = h('input', {
      id: 'row',
      type: 'number',
      min: 1,
      value: state.row + 1,
      change: () => this.#app.go({ row: Math.max(0, Math.round(row.valueAsNumber || 1) - 1) }),
    });
    return h('div', { class: 'field' }, h('label', { for: 'row' }, `Row of ${name}`), row);
  }
}
