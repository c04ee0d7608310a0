import { lookOf, questionOf, type App } from '../app.ts';
import { badgeView } from '../ui/badge.ts';
import { fill, h, say } from '../ui/dom.ts';
import { exportBar } from '../ui/export-bar.ts';
import { figure } from '../ui/format.ts';
import { pictureView } from '../ui/picture.ts';
import { baselineChoices } from '../ui/baseline-choices.ts';
import { sampleOf } from '../samples.ts';
import { WorkerFailure } from '../worker/client.ts';
import type { BaselineSet, DrawnPicture, ModelFacts } from '../worker/protocol.ts';
import type { ScreenView } from './screen.ts';

const USUAL: Readonly<Record<ModelFacts['kind'], readonly string[]>> = {
  image: ['zeros', '1', 'mean', 'blur:2', 'blur:4', 'gaussian:8'],
  series: ['zeros', 'mean', 'blur:4', 'blur:16'],
  table: ['typical', 'zeros', 'sample:1', 'sample:2'],
  text: ['zeros', 'sample:2', 'sample:3'],
  other: ['zeros', 'mean', 'max-distance'],
};
const MOST = 12;

/** One input explained from several baselines, on one scale, with their average and spread. */
export function baselinesScreen(app: App): ScreenView {
  const tools = h('div', { class: 'bar' });
  const scale = h('p', { class: 'quiet' });
  const grid = h('div', { class: 'multiples' });
  const summary = h('div', { class: 'multiples' });
  const failures = h('div', { class: 'notes' });
  const average = h('input', {
    id: 'average',
    type: 'checkbox',
    change: () => app.go({ average: average.checked }),
  });
  const element = h(
    'div',
    { class: 'baselines' },
    h('h2', {}, 'The same input from several baselines'),
    tools,
    h('label', { class: 'tick' }, average, 'only the average and the spread'),
    scale,
    grid,
    summary,
    failures,
    exportBar(app, 'baselines', () => shown !== null),
  );
  let controller: AbortController | null = null;
  let asked = '';
  let drawn = '';
  let shown: BaselineSet | null = null;

  const names = (): readonly string[] => {
    const { state, model } = app;
    if (state.baselines !== '') return state.baselines.split(';').filter(Boolean).slice(0, MOST);
    return (USUAL[model?.kind ?? 'other'] ?? []).filter(
      (name) => name !== 'typical' || sampleOf(state.model)?.typical !== undefined,
    );
  };
  const set = (list: readonly string[]): void => app.go({ baselines: [...new Set(list)].join(';') });
  const add = (name: string): void => set([...names(), name]);
  const titleOf = (name: string): string => {
    const own = app.fileNames.get(name);
    if (own !== undefined) return own;
    const known = app.model === null ? undefined : baselineChoices(app.model).find(([value]) => value === name);
    return known?.[1] ?? name;
  };

  const updateTools = (): void => {
    const { model, state } = app;
    if (model === null || tools.contains(document.activeElement)) return;
    average.checked = state.average;
    const more = h(
      'select',
      { id: 'more', 'aria-label': 'Add a baseline', change: () => add(more.value) },
      h('option', { value: '' }, 'add a baseline…'),
      ...baselineChoices(model)
        .filter(([value]) => !names().includes(value))
        .map(([value, title]) => h('option', { value }, title)),
    );
    const sigma = h('input', {
      id: 'sigma',
      type: 'number',
      min: 0.5,
      max: 64,
      step: 0.5,
      value: 8,
      'aria-label': 'σ of the blur',
    });
    const colour = h('input', {
      id: 'colour',
      type: 'color',
      value: '#808080',
      'aria-label': 'A colour as baseline',
      change: () => add(`colour:${colour.value.slice(1)}`),
    });
    const file = h('input', {
      type: 'file',
      class: 'hidden',
      tabindex: -1,
      'aria-label': 'A file as baseline',
      change: () => {
        const [chosen] = file.files ?? [];
        if (chosen !== undefined) void app.keep(chosen).then(add, (error: unknown) => app.tell(String(error)));
      },
    });
    fill(
      tools,
      more,
      model.kind === 'image' || model.kind === 'series'
        ? h(
            'span',
            { class: 'pair' },
            sigma,
            h('button', { type: 'button', click: () => add(`blur:${sigma.valueAsNumber || 8}`) }, 'blur σ'),
          )
        : null,
      model.kind === 'image' ? h('label', { class: 'tick' }, colour, 'colour') : null,
      model.kind === 'image' && sampleOf(state.model) !== undefined ? pickable(add, state.input) : null,
      h('button', { type: 'button', click: () => file.click() }, 'a file…'),
      file,
      state.baselines !== '' &&
        h('button', { type: 'button', click: () => app.go({ baselines: '' }) }, 'the usual ones'),
    );
  };

  const show = (found: BaselineSet, final: boolean): void => {
    shown = found;
    // Charts with names need more room than maps.
    for (const each of [grid, summary]) each.classList.toggle('roomy', app.model?.kind !== 'image');
    fill(scale, `One scale for all: colours end at ${figure(found.limit, 3)}.`);
    const open = [...grid.querySelectorAll('details[open]')].length > 0;
    fill(
      grid,
      ...(app.state.average
        ? []
        : found.results.map(({ name, badge, picture }) =>
            multiple(
              titleOf(name),
              picture,
              badgeView(badge, true),
              h(
                'button',
                {
                  type: 'button',
                  'aria-label': `Remove ${titleOf(name)}`,
                  click: () => set(names().filter((each) => each !== name)),
                },
                'remove',
              ),
            ),
          )),
    );
    fill(
      summary,
      found.average !== null && multiple('Average of these', found.average),
      found.spread !== null && multiple('Spread: standard deviation of each feature', found.spread),
    );
    if (open) for (const details of grid.querySelectorAll('details')) details.open = true;
    fill(
      failures,
      ...found.failures.map(({ name, message }) => h('p', { class: 'note' }, `${titleOf(name)}: ${message}`)),
    );
    element.dataset['state'] = final ? 'done' : 'partial';
  };

  const ask = async (): Promise<void> => {
    controller?.abort();
    const own = new AbortController();
    controller = own;
    element.dataset['state'] = 'busy';
    try {
      const found = await app.worker.call(
        'baselines',
        { question: questionOf(app.state), look: lookOf(app.state, app.scheme), names: names() },
        { signal: own.signal, onPart: (part) => show(part, false) },
      );
      if (controller !== own) return;
      controller = null;
      show(found, true);
      say(`${found.results.length} baselines compared`);
    } catch (error) {
      if (controller !== own && controller !== null) return;
      controller = null;
      asked = '';
      const failure = error instanceof WorkerFailure ? error.failure : null;
      element.dataset['state'] = failure?.code === 'CANCELLED' ? 'cancelled' : 'failed';
      if (failure?.code !== 'CANCELLED') app.tell(failure?.message ?? String(error));
    }
  };

  return {
    element,
    update(): void {
      if (app.model === null) return;
      updateTools();
      const { baseline: _, ...rest } = questionOf(app.state);
      const question = JSON.stringify([rest, names()]);
      const look = JSON.stringify([lookOf(app.state, app.scheme), app.state.average]);
      if (question !== asked) {
        asked = question;
        drawn = look;
        void ask();
      } else if (look !== drawn && controller === null) {
        drawn = look;
        void app.worker
          .call('drawBaselines', { look: lookOf(app.state, app.scheme) })
          .then((found) => show(found, true));
      }
    },
    cancel(): void {
      controller?.abort();
    },
  };
}

function multiple(title: string, picture: DrawnPicture, ...more: readonly HTMLElement[]): HTMLElement {
  return h('section', { class: 'multiple', 'aria-label': title }, h('h3', {}, title), pictureView(picture), ...more);
}

/** The input itself: a click takes the colour there as a baseline. */
function pickable(add: (name: string) => void, input: string): HTMLElement | null {
  const image = document.querySelector<HTMLImageElement>('.thumb[aria-pressed="true"] img');
  if (image === null || !input.startsWith('sample:')) return null;
  const canvas = h('canvas', {
    width: 56,
    height: 56,
    class: 'pick',
    hidden: true,
    title: 'A click takes the colour there',
    'aria-label': 'The input: a click takes the colour there as a baseline',
    role: 'img',
  });
  const context = canvas.getContext('2d');
  // The thumbnail may still be on its way.
  void image.decode().then(
    () => {
      context?.drawImage(image, 0, 0, 56, 56);
      canvas.hidden = false;
    },
    () => canvas.remove(),
  );
  canvas.addEventListener('click', ({ offsetX, offsetY }) => {
    const pixel = context?.getImageData(offsetX, offsetY, 1, 1).data ?? [];
    const hex = Array.from(pixel)
      .slice(0, 3)
      .map((value) => value.toString(16).padStart(2, '0'))
      .join('');
    add(`colour:${hex}`);
  });
  return canvas;
}
