import type { App } from '../app.ts';
import type { ScreenView } from '../screens/screen.ts';
import type { Screen } from '../state.ts';
import { h } from './dom.ts';

const KEYS: readonly (readonly [keys: string, effect: string])[] = [
  ['1 … 9', 'screens'],
  ['T', 'next target'],
  ['P', 'play or pause the path'],
  ['[ and ]', 'a step back or forth on the path'],
  ['Esc', 'cancel'],
  ['arrows', 'move within a map, a slider or a row of buttons; Shift: ten'],
  ['Home, End', 'first and last of a row'],
  ['?', 'this list'],
];

/** The keys that work everywhere, off while typing. */
export function listenForKeys(app: App, screens: readonly Screen[], view: () => ScreenView): void {
  const list = helpOf(app);
  document.body.append(list);
  document.body.append(
    h(
      'footer',
      { class: 'quiet' },
      h('button', { type: 'button', click: () => list.showModal() }, 'Keys (?)'),
      h('span', {}, ' Works without a network after the first visit. No cookies, no requests to others.'),
    ),
  );
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || list.open) return;
    if (event.key === 'Escape') {
      view().cancel();
      return;
    }
    if (isTyping(event.target) || !app.state.keys) return;
    const screen = /^[1-9]$/u.test(event.key) ? screens[Number(event.key) - 1] : undefined;
    if (screen !== undefined) app.go({ screen });
    else if (event.key === '?') list.showModal();
    else if (view().key?.(event.key) !== true) return;
    event.preventDefault();
  });
}

function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  const typed = target instanceof HTMLInputElement && !['range', 'checkbox', 'file', 'color'].includes(target.type);
  return typed || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}

function helpOf(app: App): HTMLDialogElement {
  const on = h('input', { type: 'checkbox', checked: app.state.keys, change: () => app.go({ keys: on.checked }) });
  const dialog: HTMLDialogElement = h(
    'dialog',
    { 'aria-label': 'Keys' },
    h('h2', {}, 'Keys'),
    h('dl', {}, ...KEYS.flatMap(([keys, effect]) => [h('dt', {}, keys), h('dd', {}, effect)])),
    h('label', { class: 'tick' }, on, 'single keys work'),
    h('p', {}, h('button', { type: 'button', click: () => dialog.close() }, 'Close')),
  );
  return dialog;
}
