import type { App } from '../app.ts';
import { fill, h, say } from './dom.ts';
import { figure, signed } from './format.ts';

/** The values of a row, to be changed. */
export function tableInput(
  app: App,
  features: readonly { readonly name: string; readonly value: number }[],
): HTMLElement {
  const inputs = features.map(({ name, value }, k) => {
    const id = `feature-${k}`;
    const input = h('input', {
      id,
      type: 'number',
      step: 'any',
      value: Number(value.toPrecision(7)),
      change: () => app.go({ input: `row:${inputs.map(([, each]) => each.valueAsNumber || 0).join(',')}`, row: 0 }),
    });
    return [h('div', { class: 'field small' }, h('label', { for: id }, name), input), input] as const;
  });
  return h(
    'details',
    { class: 'values', open: app.state.input.startsWith('row:') },
    h('summary', {}, 'Change the values'),
    h('div', { class: 'grid' }, ...inputs.map(([field]) => field)),
  );
}

/** The words of a text: a click takes one away and says how the output changes. */
export function wordChips(app: App, words: readonly string[]): HTMLElement {
  const answer = h('p', { class: 'reading' }, 'A click takes a word away and shows how F changes.');
  return h(
    'div',
    { class: 'words', role: 'group', 'aria-label': 'Words' },
    ...words.map((word, k) =>
      h(
        'button',
        {
          type: 'button',
          class: 'chip word',
          'data-word': k,
          click: () => {
            void app.worker.call('occlude', { word: k }).then(({ before, after }) => {
              const text = `without “${word}”: F ${figure(before)} → ${figure(after)}, change ${signed(after - before)}`;
              fill(answer, text);
              answer.dataset['change'] = String(after - before);
              say(text);
            });
          },
        },
        word,
      ),
    ),
    answer,
  );
}
