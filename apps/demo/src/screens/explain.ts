import { lookOf, questionOf, type App } from '../app.ts';
import { exportBar } from '../ui/export-bar.ts';
import { badgeView } from '../ui/badge.ts';
import { fill, h, later, rove, say, setRoving } from '../ui/dom.ts';
import { figure, percent } from '../ui/format.ts';
import { imageUrl } from '../ui/image.ts';
import { lookForm } from '../ui/look-form.ts';
import { ProbedPicture } from '../ui/picture.ts';
import { tableInput, wordChips } from '../ui/features.ts';
import { WorkerFailure } from '../worker/client.ts';
import type { Chip, Explained, Failure, MethodForm } from '../worker/protocol.ts';
import type { ScreenView } from './screen.ts';

/** The first screen: predictions, the picture, and whether it adds up. */
export function explainScreen(app: App): ScreenView {
  const chips = h('div', { class: 'chips', role: 'group', 'aria-label': 'Prediction: choose the target' });
  const title = h('h2', {}, 'Computing…');
  const badge = h('div');
  const notes = h('div', { class: 'notes' });
  const features = h('div');
  const looks = h('div');
  const picture = new ProbedPicture();
  const element = h(
    'div',
    { class: 'explain' },
    chips,
    h('p', { class: 'quiet' }, 'A click explains that class; Shift-click explains the chosen class against it.'),
    title,
    badge,
    picture.element,
    looks,
    features,
    notes,
    exportBar(app, 'explain', () => shown !== null),
  );
  rove(chips, 'button');

  let controller: AbortController | null = null;
  let isFirst = true;
  let asked = '';
  let drawn = '';
  let shown: Explained | null = null;

  const show = (explained: Explained): void => {
    shown = explained;
    const { state } = app;
    fill(title, explained.target);
    fill(badge, badgeView(explained.badge, explained.final));
    picture.draw(explained.picture, explained.probe);
    const { image } = explained;
    const needsVeil = explained.probe.kind === 'map' && state.opacity < 100;
    picture.veil(needsVeil ? state.opacity / 100 : 1, needsVeil && image !== null ? imageUrl(image) : null);
    showChips(explained.chips);
    if (!explained.final) element.dataset['state'] = 'partial';
    // The rest in a task of its own: the picture is seen first, and no task is long.
    later(() => showRest(explained));
  };

  const showRest = (explained: Explained): void => {
    if (shown !== explained) return;
    fill(looks, lookForm(app, explained));
    fill(
      features,
      explained.features !== null && tableInput(app, explained.features),
      explained.words !== null && wordChips(app, explained.words),
    );
    fill(notes, ...explained.warnings.map((warning) => h('p', { class: 'note' }, warning)));
    if (explained.final) element.dataset['state'] = 'done';
  };

  const showChips = (list: readonly Chip[]): void => {
    const { target } = app.state;
    const chosen = target === 'top1' ? String(list[0]?.index ?? '') : target;
    const [plus, minus] = chosen.split('-');
    const focused = chips.contains(document.activeElement)
      ? (document.activeElement as HTMLElement).dataset['index']
      : undefined;
    fill(
      chips,
      ...list.map(({ index, label, value }) =>
        h(
          'button',
          {
            type: 'button',
            class: 'chip',
            'data-index': index,
            'aria-pressed': String(String(index) === plus),
            click: (event) => {
              const contrast = (event as MouseEvent).shiftKey && plus !== undefined && plus !== String(index);
              app.go({ target: contrast ? `${plus}-${index}` : index === list[0]?.index ? 'top1' : String(index) });
            },
          },
          h('span', {}, String(index) === minus ? `− ${label}` : label),
          h('span', { class: 'number' }, figure(value, 3)),
        ),
      ),
    );
    setRoving(chips, 'button', (item) => item.dataset['index'] === (focused ?? plus));
    if (focused !== undefined) chips.querySelector<HTMLElement>(`[data-index="${focused}"]`)?.focus();
  };

  const ask = async (): Promise<void> => {
    controller?.abort();
    const own = new AbortController();
    controller = own;
    element.dataset['state'] = 'busy';
    const question = questionOf(app.state);
    const look = lookOf(app.state, app.scheme);
    try {
      if (isFirst) {
        isFirst = false;
        const preview = await app.preview;
        if (controller !== own) return;
        if (preview !== null) show(preview);
      }
      const explained = await app.worker.call('explain', { question, look }, { signal: own.signal, onPart: show });
      if (controller !== own) return;
      show(explained);
      const { word, sentence, delta } = explained.badge;
      say(`${explained.target}: ${word}. ${sentence}${delta === null ? '' : `, off by ${percent(Math.abs(delta))}`}`);
    } catch (error) {
      if (controller !== own) return;
      if (error instanceof WorkerFailure && error.failure.code === 'CANCELLED') {
        element.dataset['state'] = 'cancelled';
        return;
      }
      element.dataset['state'] = 'failed';
      fill(title, 'No result');
      fill(badge);
      asked = '';
      app.tell(error instanceof WorkerFailure ? withMethods(error.failure, app) : String(error));
    } finally {
      if (controller === own) controller = null;
    }
  };

  const redraw = async (look: string): Promise<void> => {
    if (shown === null || controller !== null) return;
    const again = await app.worker.call('draw', { look: lookOf(app.state, app.scheme) });
    if (drawn === look && controller === null) show({ ...again, final: shown.final });
  };

  return {
    element,
    update(): void {
      const question = JSON.stringify(questionOf(app.state));
      const look = JSON.stringify([lookOf(app.state, app.scheme), app.state.opacity]);
      if (question !== asked) {
        asked = question;
        drawn = look;
        void ask();
      } else if (look !== drawn) {
        drawn = look;
        void redraw(look);
      }
    },
    cancel(): void {
      if (controller === null) return;
      controller.abort();
      controller = null;
      asked = '';
      element.dataset['state'] = 'cancelled';
      say('Cancelled. What is shown is not final.');
    },
    key(key): boolean {
      if (key.toLowerCase() !== 't' || shown === null || shown.chips.length === 0) return false;
      const list = shown.chips;
      const { target } = app.state;
      const at = target === 'top1' ? 0 : list.findIndex(({ index }) => String(index) === target);
      const next = list[(at + 1) % list.length] as Chip;
      app.go({ target: next.index === list[0]?.index ? 'top1' : String(next.index) });
      return true;
    },
  };
}

const MOST_METHODS = 8;
/** Named first: what asks least of a model. */
const SIMPLE = ['occlusion', 'integrated-gradients', 'input-x-gradient'];

/** The message; where a method is refused also the methods that the model allows. */
function withMethods({ code, message }: Failure, { model }: App): string {
  if (code !== 'UNSUPPORTED_METHOD' || model === null) return message;
  const rank = ({ id }: MethodForm): number => (SIMPLE.includes(id) ? SIMPLE.indexOf(id) : SIMPLE.length);
  const allowed = model.methods
    .filter(({ blocked, takesLayer }) => blocked === null && !takesLayer)
    .sort((a, b) => rank(a) - rank(b))
    .map(({ title }) => title);
  const more = allowed.length - MOST_METHODS;
  const list = allowed.slice(0, MOST_METHODS).join(', ');
  return `${message}. Methods that this model allows: ${list}${more > 0 ? `, and ${more} more in the list` : ''}.`;
}
