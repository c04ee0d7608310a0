import type { App } from '../app.ts';
import { VIEWS } from '../state.ts';
import type { Explained } from '../worker/protocol.ts';
import { h } from './dom.ts';

/** How the picture looks: signs, clipping, the strongest places, opacity, what lies under the map. Focus stays. */
export function lookForm(app: App, { probe, image }: Explained): HTMLElement {
  const { state } = app;
  const isMap = probe.kind === 'map';
  const focused = document.activeElement?.id;
  const slider = (id: 'clip' | 'top' | 'opacity', label: string, low: number, step: number): HTMLElement => {
    const input = h('input', {
      id: `look-${id}`,
      type: 'range',
      min: low,
      max: 100,
      step,
      value: state[id],
      input: () => app.go({ [id]: input.valueAsNumber }, 'replace'),
    });
    return h('div', { class: 'field' }, h('label', { for: `look-${id}` }, label), input);
  };
  const tick = (id: 'over' | 'hatch', label: string): HTMLElement => {
    const input = h('input', {
      id: `look-${id}`,
      type: 'checkbox',
      checked: state[id],
      change: () => app.go({ [id]: input.checked }),
    });
    return h('label', { class: 'tick' }, input, label);
  };
  const views = h(
    'select',
    { id: 'look-view', change: () => app.go({ view: views.value as (typeof VIEWS)[number] }) },
    ...VIEWS.map((view) => h('option', { value: view, selected: view === state.view }, view)),
  );
  const channels = h(
    'select',
    { id: 'look-channels', change: () => app.go({ channels: channels.value as 'sum' | 'max-abs' }) },
    ...(['sum', 'max-abs'] as const).map((way) =>
      h('option', { value: way, selected: way === state.channels }, way === 'sum' ? 'sum' : 'strongest'),
    ),
  );
  const form = h(
    'div',
    { class: 'looks', role: 'group', 'aria-label': 'How the picture looks' },
    h('div', { class: 'field' }, h('label', { for: 'look-view' }, 'Signs'), views),
    slider('top', `Strongest ${Math.round(state.top)} %`, 1, 1),
    isMap && slider('clip', `Colours end at the ${state.clip}th percentile`, 50, 0.5),
    isMap && image !== null && slider('opacity', `Opacity ${state.opacity} %`, 0, 5),
    isMap && h('div', { class: 'field' }, h('label', { for: 'look-channels' }, 'Channels'), channels),
    isMap && image !== null && tick('over', 'over the image'),
    tick('hatch', 'hatch negative'),
  );
  if (focused?.startsWith('look-') === true) {
    queueMicrotask(() => document.getElementById(focused)?.focus({ preventScroll: true }));
  }
  return form;
}
