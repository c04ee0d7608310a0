import { lookOf, questionOf, type App } from '../app.ts';
import { badgeView } from '../ui/badge.ts';
import { fill, h, say, svgOf } from '../ui/dom.ts';
import { exportBar } from '../ui/export-bar.ts';
import { ProbedPicture } from '../ui/picture.ts';
import { WorkerFailure } from '../worker/client.ts';
import type { Explained, LayerFacts, ModelGraph } from '../worker/protocol.ts';
import type { ScreenView } from './screen.ts';

const LAYER_METHOD = 'layer-conductance';

/** The graph of the model; a layer that is chosen is explained. */
export function modelScreen(app: App): ScreenView {
  const drawing = h('div', {
    class: 'graph scroll',
    tabindex: 0,
    role: 'region',
    'aria-label': 'The graph of the model',
  });
  const facts = h('div');
  const layers = h('div', { class: 'field' });
  const title = h('h2', {}, 'A layer of the model');
  const badge = h('div');
  const picture = new ProbedPicture();
  const result = h(
    'div',
    { class: 'layer', hidden: true },
    badge,
    picture.element,
    exportBar(app, 'explain', () => shown !== null),
  );
  const advice = h(
    'p',
    { class: 'quiet' },
    'Choose a box of the graph, or a name, to see what that layer contributes. The method at the left may be any of a layer or a neuron.',
  );
  const element = h(
    'div',
    { class: 'model' },
    h('div', { class: 'halves' }, h('div', {}, title, advice, layers, result, facts), drawing),
  );
  let controller: AbortController | null = null;
  let opened = '';
  let asked = '';
  let graph: ModelGraph | null = null;
  let shown: Explained | null = null;

  const choose = (layer: LayerFacts): void => {
    const isLayerMethod = app.model?.methods.find(({ id }) => id === app.state.method)?.takesLayer === true;
    app.go({ layer: layer.name, ...(!isLayerMethod && { method: LAYER_METHOD, params: {} }), neuron: '' });
  };

  const openGraph = async (): Promise<void> => {
    element.dataset['state'] = 'busy';
    try {
      const found = await app.worker.call('graph', { model: app.state.model, engine: app.state.engine });
      graph = found;
      showGraph(found);
      asked = '';
      update();
    } catch (error) {
      element.dataset['state'] = 'failed';
      app.tell(error instanceof WorkerFailure ? error.failure.message : String(error));
    }
  };

  const showGraph = (found: ModelGraph): void => {
    const table = (caption: string, rows: readonly (readonly [string, string])[]): HTMLElement =>
      h(
        'table',
        {},
        h('caption', {}, caption),
        h(
          'tbody',
          {},
          ...rows.map(([name, value]) => h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, value))),
        ),
      );
    fill(
      facts,
      h('details', { class: 'data', open: true }, h('summary', {}, 'Facts'), table('What it is', found.facts)),
      h(
        'details',
        { class: 'data' },
        h('summary', {}, 'Engines and methods'),
        table('Which engines can run it', found.engines),
        found.blocked.length > 0
          ? table('Methods that it does not allow, and why; the others remain', found.blocked)
          : h('p', {}, 'Every method can be used.'),
      ),
    );
    const markOf = ({ gradient }: LayerFacts): string =>
      gradient === 'missing' ? ' (no gradient)' : gradient === 'zero' ? ' (gradient zero by definition)' : '';
    const select = h(
      'select',
      {
        id: 'layer-name',
        change: () => {
          const layer = found.layers.find(({ name }) => name === select.value);
          if (layer !== undefined) choose(layer);
        },
      },
      h('option', { value: '' }, 'none'),
      ...found.layers.map((layer) =>
        h('option', { value: layer.name }, `${layer.name}: ${layer.op} ${layer.shape}${markOf(layer)}`),
      ),
    );
    fill(layers, h('label', { for: 'layer-name' }, 'Layer'), select);
    if (found.svg === null) {
      fill(
        drawing,
        h('p', { class: 'quiet' }, 'The graph has too many nodes to be drawn; its layers are in the list.'),
      );
      return;
    }
    const svg = svgOf(found.svg);
    fill(drawing, svg as unknown as HTMLElement);
    const boxes = [...svg.querySelectorAll<SVGGElement>(':scope > g')].filter(
      (g) => g.firstElementChild?.tagName === 'title',
    );
    for (const [k, box] of boxes.entries()) {
      const layer = found.layers[k - found.before];
      if (layer === undefined) continue;
      box.classList.add('box', `gradient-${layer.gradient}`);
      box.dataset['layer'] = layer.name;
      box.addEventListener('click', () => choose(layer));
    }
  };

  const ask = async (): Promise<void> => {
    controller?.abort();
    const own = new AbortController();
    controller = own;
    element.dataset['state'] = 'busy';
    try {
      const explained = await app.worker.call(
        'explain',
        { question: questionOf(app.state), look: lookOf(app.state, app.scheme) },
        { signal: own.signal },
      );
      if (controller !== own) return;
      controller = null;
      shown = explained;
      const method = app.model?.methods.find(({ id }) => id === app.state.method)?.title ?? app.state.method;
      fill(title, `${app.state.layer}${app.state.neuron === '' ? '' : ` [${app.state.neuron}]`}: ${method}`);
      fill(
        badge,
        badgeView(explained.badge, true),
        ...explained.warnings.map((warning) => h('p', { class: 'note' }, warning)),
      );
      picture.draw(explained.picture, explained.probe);
      result.hidden = false;
      element.dataset['state'] = 'done';
      say(`${app.state.layer}: ${explained.badge.sentence}`);
    } catch (error) {
      if (controller !== own && controller !== null) return;
      controller = null;
      const failure = error instanceof WorkerFailure ? error.failure : null;
      element.dataset['state'] = failure?.code === 'CANCELLED' ? 'cancelled' : 'failed';
      result.hidden = true;
      if (failure?.code !== 'CANCELLED') app.tell(failure?.message ?? String(error));
    }
  };

  const update = (): void => {
    const { state, model } = app;
    const wanted = `${state.engine} ${state.model}`;
    if (wanted !== opened) {
      opened = wanted;
      graph = null;
      void openGraph();
      return;
    }
    if (graph === null || model === null) return;
    const select = layers.querySelector('select');
    if (select !== null) select.value = state.layer;
    for (const box of drawing.querySelectorAll<SVGGElement>('.box'))
      box.classList.toggle('chosen', box.dataset['layer'] === state.layer);
    const takesLayer = model.methods.find(({ id }) => id === state.method)?.takesLayer === true;
    if (state.layer === '' || !takesLayer) {
      controller?.abort();
      result.hidden = true;
      fill(title, 'A layer of the model');
      asked = '';
      element.dataset['state'] = 'done';
      return;
    }
    const question = JSON.stringify([questionOf(state), lookOf(state, app.scheme)]);
    if (question === asked) return;
    asked = question;
    void ask();
  };

  return {
    element,
    update,
    cancel(): void {
      controller?.abort();
    },
  };
}
