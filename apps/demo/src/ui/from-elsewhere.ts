import type { App } from '../app.ts';
import { fill, h } from './dom.ts';
import { size } from './format.ts';

/**
 * A link `?model=URL` names a model that lies elsewhere. Nothing is asked of that place before the user agrees, as the
 * page promises that nothing leaves it.
 */
export function offerModel(app: App, search: string): HTMLElement | null {
  const text = new URLSearchParams(search).get('model');
  if (text === null) return null;
  const url = addressOf(text);
  if (url === null) {
    app.tell(`The link names a model at “${text.slice(0, 80)}”, which is no https address.`, 'note');
    return null;
  }
  const name = /[^/]*$/u.exec(url.pathname)?.[0] ?? 'model.onnx';
  const box = h('div', { class: 'offer', role: 'region', 'aria-label': 'A model from elsewhere' });
  const load = async (): Promise<void> => {
    fill(box, h('p', {}, `Loading ${name} from ${url.host}…`));
    try {
      const response = await fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer' });
      if (!response.ok) throw new Error(`status ${response.status}`);
      const bytes = await response.arrayBuffer();
      fill(box, h('p', { class: 'quiet' }, `${name}, ${size(bytes.byteLength)}, from ${url.host}`));
      await app.take([new File([bytes], name)]);
    } catch (error) {
      fill(box);
      const why = error instanceof Error ? error.message : String(error);
      app.tell(
        `${name} could not be loaded from ${url.host} (${why}). That place must allow other pages to read it (CORS).`,
      );
    }
  };
  fill(
    box,
    h(
      'p',
      {},
      `This link asks for the model ${name} from ${url.host}, which will learn that you loaded it. Your inputs stay here.`,
    ),
    h('button', { type: 'button', 'data-offer': 'load', click: () => void load() }, `Load it from ${url.host}`),
    h('button', { type: 'button', click: () => box.remove() }, 'No'),
  );
  return box;
}

function addressOf(text: string): URL | null {
  try {
    const url = new URL(text, location.href);
    return url.protocol === 'https:' || url.origin === location.origin ? url : null;
  } catch {
    return null;
  }
}
