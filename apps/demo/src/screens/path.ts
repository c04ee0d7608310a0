import { lookOf, questionOf, type App } from '../app.ts';
import { badgeView } from '../ui/badge.ts';
import { pathChart } from '../ui/chart.ts';
import { exportBar } from '../ui/export-bar.ts';
import { fill, h, say } from '../ui/dom.ts';
import { figure } from '../ui/format.ts';
import { imageView } from '../ui/image.ts';
import { pictureView } from '../ui/picture.ts';
import { WorkerFailure } from '../worker/client.ts';
import type { PathCurve, PathFrame } from '../worker/protocol.ts';
import type { ScreenView } from './screen.ts';

const MILLISECONDS_A_STEP = 120;

/** The path from the baseline to the input, point by point: the input there, the gradient there, and their sum so far. */
export function pathScreen(app: App): ScreenView {
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const title = h('h2', {}, 'Walking the path…');
  const rule = h('div');
  const slider = h('input', {
    id: 'alpha',
    type: 'range',
    min: 0,
    max: 32,
    step: 1,
    'aria-label': 'Position on the path, α',
    input: () => move(slider.valueAsNumber),
  });
  const play = h('button', { type: 'button', id: 'play', click: () => toggle() }, 'Play (P)');
  const reading = h('p', { class: 'reading' });
  const panels = h('div', { class: 'panels' });
  const chart = h('div');
  const table = h('div');
  const element = h(
    'div',
    { class: 'path' },
    title,
    h(
      'div',
      { class: 'bar' },
      play,
      h('button', { type: 'button', 'aria-label': 'One step back', click: () => step(-1) }, '['),
      h('button', { type: 'button', 'aria-label': 'One step on', click: () => step(1) }, ']'),
      h('div', { class: 'wide' }, slider),
    ),
    reading,
    panels,
    chart,
    table,
    h('h3', {}, 'The same integral by the rule, points and tolerance chosen at the left'),
    rule,
    exportBar(app, 'path', () => curve !== null),
  );

  let controller: AbortController | null = null;
  let curve: PathCurve | null = null;
  let asked = '';
  let drawn = '';
  let timer: ReturnType<typeof setInterval> | undefined;
  let isDrawing = false;
  let isOpen = false;

  const last = (): number => (curve?.alphas.length ?? 1) - 1;
  const position = (): number => Math.round(app.state.alpha * last());
  const move = (at: number): void => {
    const clamped = Math.min(Math.max(at, 0), last());
    app.go({ alpha: last() === 0 ? 1 : clamped / last() }, 'replace');
  };
  const step = (by: number): void => {
    stop();
    move(position() + by);
  };
  const stop = (): void => {
    clearInterval(timer);
    timer = undefined;
    play.textContent = 'Play (P)';
  };
  const toggle = (): void => {
    if (timer !== undefined) {
      stop();
      return;
    }
    // Whoever asks for less motion moves by slider and steps.
    if (still.matches) return;
    if (position() >= last()) move(0);
    play.textContent = 'Pause (P)';
    timer = setInterval(() => {
      if (isDrawing) return;
      move(position() + 1);
      if (position() >= last()) stop();
    }, MILLISECONDS_A_STEP);
  };

  const ask = async (): Promise<void> => {
    controller?.abort();
    const own = new AbortController();
    controller = own;
    element.dataset['state'] = 'busy';
    try {
      curve = await app.worker.call(
        'path',
        { question: questionOf(app.state), look: lookOf(app.state, app.scheme) },
        { signal: own.signal },
      );
      if (controller !== own) return;
      controller = null;
      fill(title, `From the baseline to the input: ${curve.target}`);
      fill(rule, h('p', { class: 'quiet' }, curve.ruleName), badgeView(curve.rule, true));
      fill(
        table,
        panelTable(curve, isOpen, (open) => (isOpen = open)),
      );
      slider.max = String(last());
      drawn = '';
      await show();
      element.dataset['state'] = 'done';
    } catch (error) {
      if (controller !== own && controller !== null) return;
      controller = null;
      const failure = error instanceof WorkerFailure ? error.failure : null;
      element.dataset['state'] = failure?.code === 'CANCELLED' ? 'cancelled' : 'failed';
      asked = '';
      if (failure?.code !== 'CANCELLED') app.tell(failure?.message ?? String(error));
    }
  };

  /** Draws the point that is looked at; of several asked for while one is drawn only the last. */
  const show = async (): Promise<void> => {
    if (curve === null || isDrawing) return;
    isDrawing = true;
    try {
      for (;;) {
        const look = lookOf(app.state, app.scheme);
        const wanted = JSON.stringify([app.state.alpha, look]);
        if (wanted === drawn) return;
        const frame = await app.worker.call('frame', { alpha: app.state.alpha, look });
        drawn = wanted;
        paint(curve, frame);
      }
    } finally {
      isDrawing = false;
    }
  };

  const paint = (own: PathCurve, frame: PathFrame): void => {
    const sentence = `α = ${figure(frame.alpha, 3)}: F = ${figure(frame.output)}, attributions so far ${figure(frame.cumulative)} of ${figure(own.change)}`;
    fill(reading, sentence);
    say(sentence);
    slider.value = String(position());
    slider.setAttribute('aria-valuetext', sentence);
    const open = panels.querySelectorAll('details[open]').length > 0;
    fill(
      panels,
      frame.image !== null &&
        h('div', {}, h('h3', {}, 'Input there'), imageView(frame.image, 'The input at this point of the path')),
      ...frame.pictures.map((picture) => h('div', {}, h('h3', {}, picture.title), pictureView(picture))),
    );
    if (open) for (const details of panels.querySelectorAll('details')) details.open = true;
    fill(
      chart,
      pathChart(own, frame.alpha, (alpha) => {
        stop();
        move(Math.round(alpha * last()));
      }) as unknown as HTMLElement,
    );
  };

  return {
    element,
    update(): void {
      play.hidden = still.matches;
      const { method: _, params: __, layer: ___, neuron: ____, ...rest } = questionOf(app.state);
      const question = JSON.stringify(rest);
      if (question !== asked) {
        asked = question;
        stop();
        void ask();
      } else void show();
    },
    cancel(): void {
      stop();
      controller?.abort();
    },
    key(key): boolean {
      if (key === '[') step(-1);
      else if (key === ']') step(1);
      else if (key.toLowerCase() === 'p') toggle();
      else return false;
      return true;
    },
  };
}

function panelTable(
  { alphas, outputs, cumulative, norms, residuals }: PathCurve,
  open: boolean,
  toggled: (open: boolean) => void,
): HTMLElement {
  const details = h(
    'details',
    { class: 'data', open, toggle: () => toggled(details.open) },
    h('summary', {}, 'The curves in numbers'),
    h(
      'div',
      { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': 'The curves in numbers' },
      h(
        'table',
        {},
        h(
          'thead',
          {},
          h(
            'tr',
            {},
            ...['α', 'F', 'sum so far', 'norm of the gradient', 'residual of the panel before'].map((name) =>
              h('th', { scope: 'col' }, name),
            ),
          ),
        ),
        h(
          'tbody',
          {},
          ...alphas.map((alpha, k) =>
            h(
              'tr',
              {},
              ...[alpha, outputs[k], cumulative[k], norms[k]].map((value) => h('td', {}, figure(value ?? Number.NaN))),
              h('td', {}, k === 0 ? '' : figure(residuals[k - 1] ?? Number.NaN, 2)),
            ),
          ),
        ),
      ),
    ),
  );
  return details;
}
