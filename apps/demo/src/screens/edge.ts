import { questionOf, type App } from '../app.ts';
import { fill, h, say } from '../ui/dom.ts';
import { download } from '../ui/export-bar.ts';
import { figure, size, time } from '../ui/format.ts';
import { WorkerFailure } from '../worker/client.ts';
import type { Benchmark, EdgeFacts } from '../worker/protocol.ts';
import type { ScreenView } from './screen.ts';

/** What this browser has, how fast it is, and the files with which the same runs elsewhere. */
export function edgeScreen(app: App): ScreenView {
  const features = h('div');
  const results = h(
    'div',
    {},
    h('p', { class: 'quiet' }, 'Integrated gradients with 50 points, of the chosen model and input.'),
  );
  const run = h('button', { type: 'button', id: 'benchmark', click: () => void measure() }, 'Measure');
  const coreSize = h('span', { class: 'quiet' });
  const worker = h('pre', { class: 'code', tabindex: 0, 'aria-label': 'A worker for the edge' });
  const element = h(
    'div',
    { class: 'edge' },
    h('h2', {}, 'This browser'),
    features,
    h('h2', {}, 'How fast it is'),
    h('div', { class: 'bar' }, run),
    results,
    h('h2', {}, 'The same elsewhere'),
    h(
      'p',
      {},
      'The core imports nothing and runs wherever WebAssembly does: in Node, Deno, Bun, at the edge, or embedded in C.',
    ),
    h(
      'div',
      { class: 'exports', role: 'group', 'aria-label': 'Files for other hosts' },
      saving('core', 'core.wasm'),
      coreSize,
      saving('plan', 'model.plan'),
      h('span', { class: 'quiet' }, 'this model and its gradient, as openPlan() reads them'),
      saving('worker', 'worker.js'),
    ),
    worker,
  );
  let asked = '';
  let controller: AbortController | null = null;

  function saving(file: 'core' | 'plan' | 'worker', label: string): HTMLElement {
    const save = (): void => {
      void app.worker.call('bundle', { file, question: questionOf(app.state) }).then(download, failed);
    };
    return h('button', { type: 'button', 'data-file': file, click: save }, label);
  }

  const failed = (error: unknown): void =>
    app.tell(error instanceof WorkerFailure ? error.failure.message : String(error));

  const showResults = (list: readonly Benchmark[]): void => {
    const row = ({ engine, points, milliseconds }: Benchmark): HTMLElement =>
      h(
        'tr',
        {},
        h('th', { scope: 'row' }, engine === 'wasm' ? 'wasm (float32, SIMD)' : 'reference (float64)'),
        h('td', {}, time(milliseconds)),
        h('td', {}, `${figure((1000 * points) / milliseconds, 3)} points a second`),
      );
    fill(
      results,
      h(
        'table',
        {},
        h('caption', {}, 'Integrated gradients, 50 points; of three runs of the wasm engine the fastest'),
        h('tbody', {}, ...list.map(row)),
      ),
    );
  };

  const measure = async (): Promise<void> => {
    controller?.abort();
    const own = new AbortController();
    controller = own;
    run.disabled = true;
    element.dataset['state'] = 'busy';
    try {
      const found = await app.worker.call(
        'benchmark',
        { question: questionOf(app.state) },
        { signal: own.signal, onPart: showResults },
      );
      showResults(found);
      say(found.map(({ engine, milliseconds }) => `${engine} ${time(milliseconds)}`).join(', '));
      element.dataset['state'] = 'done';
    } catch (error) {
      const isCancelled = error instanceof WorkerFailure && error.failure.code === 'CANCELLED';
      element.dataset['state'] = isCancelled ? 'cancelled' : 'failed';
      if (!isCancelled) failed(error);
    } finally {
      run.disabled = false;
    }
  };

  const show = (facts: EdgeFacts): void => {
    fill(
      features,
      h(
        'div',
        { class: 'scroll tall', tabindex: 0, role: 'region', 'aria-label': 'What this browser has' },
        h(
          'table',
          {},
          h(
            'tbody',
            {},
            ...facts.features.map(([name, value, help]) =>
              h('tr', {}, h('th', { scope: 'row' }, name), h('td', {}, value), h('td', { class: 'quiet' }, help)),
            ),
          ),
        ),
      ),
    );
    fill(coreSize, size(facts.coreBytes));
  };

  const load = async (): Promise<void> => {
    element.dataset['state'] = 'busy';
    try {
      const [facts, code] = await Promise.all([
        app.worker.call('edge', {}),
        app.worker.call('bundle', { file: 'worker', question: questionOf(app.state) }),
      ]);
      show(facts);
      fill(worker, String(code.content));
      element.dataset['state'] = 'done';
    } catch (error) {
      element.dataset['state'] = 'failed';
      failed(error);
    }
  };

  return {
    element,
    update(): void {
      const question = JSON.stringify(questionOf(app.state));
      if (question === asked) return;
      asked = question;
      void load();
    },
    cancel(): void {
      controller?.abort();
    },
  };
}
