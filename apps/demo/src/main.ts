import { createApp, type App } from './app.ts';
import { explainScreen } from './screens/explain.ts';
import type { ScreenView } from './screens/screen.ts';
import type { Screen } from './state.ts';
import { fill, h, later, rove, setRoving } from './ui/dom.ts';
import { acceptDrops } from './ui/drop.ts';
import { offerModel } from './ui/from-elsewhere.ts';
import { listenForKeys } from './ui/keys.ts';
import { Setup } from './ui/setup.ts';
import { WorkerFailure } from './worker/client.ts';

/** Screens by their tabs; all but the first are loaded when they are shown. */
const MAKERS: readonly (readonly [Screen, string, () => Promise<(app: App) => ScreenView>])[] = [
  ['explain', 'Explain', () => Promise.resolve(explainScreen)],
  ['path', 'Path', async () => (await import('./screens/path.ts')).pathScreen],
  ['baselines', 'Baselines', async () => (await import('./screens/baselines.ts')).baselinesScreen],
  ['model', 'Model', async () => (await import('./screens/model.ts')).modelScreen],
  ['edge', 'Edge', async () => (await import('./screens/edge.ts')).edgeScreen],
];

const container = document.getElementById('screen') as HTMLElement;
const tabs = document.getElementById('tabs') as HTMLElement;
const messages = h('div', { class: 'messages', role: 'alert' });
const views = new Map<Screen, ScreenView>();
const loadingViews = new Set<Screen>();

/** Stands in while a screen is loaded. */
const WAITING: ScreenView = {
  element: h('p', { class: 'quiet' }, 'Loading…'),
  update: () => undefined,
  cancel: () => undefined,
};

const app = createApp(changed, tell, again);
let setup: Setup | null = null;
let opened = '';
let isKept = false;

app.worker.onCrash = () => {
  messages.append(h('p', { class: 'error' }, h('button', { type: 'button', click: again }, 'Try again')));
};
fill(
  tabs,
  ...MAKERS.map(([screen, title]) =>
    h('button', { type: 'button', 'data-screen': screen, click: () => app.go({ screen }) }, title),
  ),
);
rove(tabs, 'button');
acceptDrops(app);
listenForKeys(
  app,
  MAKERS.map(([screen]) => screen),
  currentView,
);
document.querySelector('[data-skip]')?.addEventListener('click', (event) => {
  event.preventDefault();
  container.focus();
});
// In tasks of their own, of which none is long: the worker has begun by now.
later(() => {
  changed(app.problems, true);
  const offer = offerModel(app, location.search);
  if (offer !== null) container.parentElement?.before(offer);
});
later(() => {
  setup = new Setup(app, document.getElementById('setup') as HTMLElement);
  setup.update();
});

function currentView(): ScreenView {
  const { screen } = app.state;
  const known = views.get(screen);
  if (known !== undefined) return known;
  if (screen === 'explain') {
    const view = explainScreen(app);
    views.set(screen, view);
    return view;
  }
  void loadView(screen);
  return WAITING;
}

async function loadView(screen: Screen): Promise<void> {
  if (loadingViews.has(screen)) return;
  loadingViews.add(screen);
  try {
    const make = await MAKERS.find(([id]) => id === screen)?.[2]();
    if (make !== undefined && !views.has(screen)) views.set(screen, make(app));
    changed([], false);
  } catch (error) {
    tell(`This screen could not be loaded (${String(error)}). Reload the page.`);
  } finally {
    loadingViews.delete(screen);
  }
}

function again(): void {
  opened = '';
  views.clear();
  changed([], true);
}

/** Shows the state: opens its model, and tells the screen. */
function changed(problems: readonly string[], fresh: boolean): void {
  const { state } = app;
  // What a link asked for in vain is said until the next choice; errors until the next attempt.
  for (const message of messages.querySelectorAll('p')) if (fresh || message.className === 'error') message.remove();
  for (const problem of problems) tell(problem, 'note');
  for (const tab of tabs.querySelectorAll('button')) {
    const isCurrent = tab.dataset['screen'] === state.screen;
    if (isCurrent) tab.setAttribute('aria-current', 'page');
    else tab.removeAttribute('aria-current');
  }
  setRoving(tabs, 'button', (tab) => tab.dataset['screen'] === state.screen);
  const view = currentView();
  for (const other of views.values()) if (other !== view) other.cancel();
  if (container.lastElementChild !== view.element) fill(container, messages, view.element);
  const wanted = `${state.engine} ${state.model}`;
  const isOther = wanted !== opened;
  if (isOther) {
    opened = wanted;
    app.model = null;
  }
  setup?.update();
  view.update();
  if (isOther) void open(wanted);
}

async function open(wanted: string): Promise<void> {
  const { model, engine } = app.state;
  try {
    await app.preview;
    const facts = await app.worker.call('open', { model, engine });
    if (wanted !== opened) return;
    app.model = facts;
    setup?.update();
    const method = facts.methods.find(({ id }) => id === app.state.method);
    if (method === undefined) {
      tell(`There is no method “${app.state.method}”; integrated gradients are shown.`, 'note');
      app.go({ method: 'integrated-gradients', params: {} }, 'replace');
    }
    currentView().update();
  } catch (error) {
    if (wanted === opened) tell(error instanceof WorkerFailure ? error.failure.message : String(error));
  }
  if (!isKept) {
    isKept = true;
    void keepOffline();
  }
}

function tell(message: string, kind: 'error' | 'note' = 'error'): void {
  const isThere = [...messages.children].some(({ textContent }) => textContent === message);
  if (!isThere) messages.append(h('p', { class: kind }, message));
}

/** Lets the page work without a network after the first visit. Not before the first model is there: it loads all files. */
async function keepOffline(): Promise<void> {
  if (!('serviceWorker' in navigator)) return;
  try {
    await navigator.serviceWorker.register('./sw.js');
  } catch {
    // Without it the page needs the network: private windows and old hosts forbid it.
  }
}
