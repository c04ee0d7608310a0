import type { App } from '../app.ts';
import { lookOf } from '../app.ts';
import type { State } from '../state.ts';
import type { FileOut, Saved } from '../worker/protocol.ts';
import { codeOf } from '../code.ts';
import { fill, h, say } from './dom.ts';

/** Files of the result, the code that repeats it, and the link to it. */
export function exportBar(app: App, from: Saved, isReady: () => boolean): HTMLElement {
  const code = h('pre', { class: 'code', tabindex: 0, hidden: true, 'aria-label': 'Code that repeats this result' });
  const save = (format: 'svg' | 'json' | 'npy' | 'html'): void => {
    if (!isReady()) return;
    // Files go on white paper.
    const look = lookOf(app.state, 'light');
    void app.worker.call('save', { from, format, look }).then(download, (error: unknown) => app.tell(String(error)));
  };
  const png = async (): Promise<void> => {
    if (!isReady()) return;
    const svg = await app.worker.call('save', { from, format: 'svg', look: lookOf(app.state, 'light') });
    download({
      name: svg.name.replace(/svg$/u, 'png'),
      type: 'image/png',
      content: await rasterize(svg.content as string),
    });
  };
  return h(
    'div',
    { class: 'exports', role: 'group', 'aria-label': 'Export' },
    h('span', { class: 'quiet' }, 'Export'),
    ...(['svg', 'json', 'npy', 'html'] as const).map((format) =>
      h('button', { type: 'button', 'data-format': format, click: () => save(format) }, `.${format}`),
    ),
    h('button', { type: 'button', 'data-format': 'png', click: () => void png() }, '.png'),
    h(
      'button',
      {
        type: 'button',
        'data-format': 'code',
        click: () => {
          code.hidden = !code.hidden;
          fill(code, codeOf(stateOf(from, app.state), app.fileNames));
          void navigator.clipboard?.writeText(code.textContent ?? '').then(
            () => say('Code copied'),
            () => undefined,
          );
        },
      },
      'Copy code',
    ),
    h(
      'button',
      {
        type: 'button',
        'data-format': 'link',
        click: () => {
          void navigator.clipboard?.writeText(location.href).then(
            () => say('Link copied'),
            () => app.tell('The address of this page is the link to this result.', 'note'),
          );
        },
      },
      'Copy link',
    ),
    code,
  );
}

function stateOf(from: Saved, state: State): State {
  if (from === 'path') return pathState(state);
  return from === 'baselines' ? { ...state, baseline: 'set:baselines.npy' } : state;
}

/** The path is walked by the method that keeps its curves. */
function pathState(state: State): State {
  return {
    ...state,
    method: 'interior-gradients',
    steps: state.steps > 0 ? state.steps : 32,
    quadrature: '',
    params: {},
  };
}

/** Hands a file to the browser. */
export function download({ name, type, content }: FileOut): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  h('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

const PIXELS_PER_UNIT = 2;

async function rasterize(svg: string): Promise<Uint8Array<ArrayBuffer>> {
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }));
  try {
    await image.decode();
    const [width, height] = [image.naturalWidth * PIXELS_PER_UNIT, image.naturalHeight * PIXELS_PER_UNIT];
    const canvas = h('canvas', { width, height });
    canvas.getContext('2d')?.drawImage(image, 0, 0, width, height);
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/png'));
    if (blob === null) throw new Error('the browser gave no picture');
    return new Uint8Array(await blob.arrayBuffer());
  } finally {
    URL.revokeObjectURL(image.src);
  }
}
