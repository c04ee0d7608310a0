import type { DrawnPicture, Probe } from '../worker/protocol.ts';
import { fill, h, say, svgOf } from './dom.ts';
import { signed } from './format.ts';

/** A drawn picture with the table behind it. */
export function pictureView(picture: DrawnPicture): HTMLElement {
  return h('figure', { class: 'picture' }, holderOf(picture), endsView(picture), tableView(picture));
}

function holderOf({ svg }: DrawnPicture): HTMLElement {
  return h('div', { class: 'drawing' }, svgOf(svg) as unknown as HTMLElement);
}

function endsView({ ends }: DrawnPicture): HTMLElement | null {
  return ends === null ? null : h('p', { class: 'ends quiet' }, ends);
}

/** The numbers behind a picture, made when they are first looked at. */
function tableView({ alt, table }: DrawnPicture, isOpen = false): HTMLElement {
  const { caption, columns, rows } = table;
  const view = h('details', { class: 'data', open: isOpen }, h('summary', {}, 'In words and numbers'));
  const complete = (): void => {
    if (!view.open || view.childElementCount > 1) return;
    view.append(
      h('p', {}, alt),
      h(
        'div',
        { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': caption },
        h(
          'table',
          {},
          h('caption', {}, caption),
          h('thead', {}, h('tr', {}, ...columns.map((column) => h('th', { scope: 'col' }, column)))),
          h('tbody', {}, ...rows.slice(0, 500).map((row) => h('tr', {}, ...row.map((cell) => h('td', {}, cell))))),
        ),
      ),
    );
  };
  view.addEventListener('toggle', complete);
  complete();
  return view;
}

/**
 * A picture whose values can be read place by place, by pointer or arrow keys. Redrawing keeps place and focus.
 */
export class ProbedPicture {
  readonly element: HTMLElement;
  readonly #drawing = h('div', {
    class: 'drawing',
    tabindex: 0,
    role: 'application',
    'aria-roledescription': 'map of attributions',
  });
  readonly #mark = h('div', { class: 'mark', hidden: true });
  readonly #reading = h('p', { class: 'reading' });
  readonly #rest = h('div');
  #probe: Probe | null = null;
  #at = 0;

  constructor() {
    this.element = h('figure', { class: 'picture' }, this.#drawing, this.#reading, this.#rest);
    this.#drawing.addEventListener('keydown', (event) => this.#key(event));
    this.#drawing.addEventListener('pointermove', (event) => this.#point(event));
    this.#drawing.addEventListener('blur', () => {
      this.#mark.hidden = true;
    });
  }

  draw(picture: DrawnPicture, probe: Probe): void {
    this.#probe = probe;
    if (this.#at >= probe.values.length) this.#at = 0;
    const isOpen = this.#rest.querySelector('details')?.open === true;
    const svg = svgOf(picture.svg);
    svg.setAttribute('aria-hidden', 'true');
    fill(this.#drawing, svg as unknown as HTMLElement, this.#mark);
    this.#drawing.setAttribute('aria-label', picture.alt);
    fill(this.#rest, endsView(picture), tableView(picture, isOpen));
    if (document.activeElement === this.#drawing) this.#show(false);
    else {
      this.#mark.hidden = true;
      this.#reading.textContent =
        probe.kind === 'map' ? 'Arrow keys or the pointer read single values.' : 'Arrow keys read single values.';
    }
  }

  /** Mixes the picture of the input under the map. */
  veil(opacity: number, image: string | null): void {
    const map = this.#drawing.querySelector('svg image');
    if (map === null) return;
    map.setAttribute('opacity', String(opacity));
    if (image === null || opacity >= 1) return;
    const under = map.cloneNode() as SVGImageElement;
    under.setAttribute('href', image);
    under.setAttribute('opacity', '1');
    under.setAttribute('image-rendering', 'pixelated');
    map.before(under);
  }

  #key(event: KeyboardEvent): void {
    const probe = this.#probe;
    if (probe === null) return;
    const width = probe.kind === 'map' ? probe.width : 1;
    const far = event.shiftKey ? 10 : 1;
    const column = this.#at % width;
    const steps: Readonly<Record<string, number>> =
      probe.kind === 'map'
        ? {
            ArrowLeft: -Math.min(far, column),
            ArrowRight: Math.min(far, width - 1 - column),
            ArrowUp: -width * Math.min(far, Math.floor(this.#at / width)),
            ArrowDown: width * Math.min(far, probe.height - 1 - Math.floor(this.#at / width)),
            Home: -column,
            End: width - 1 - column,
          }
        : {
            ArrowLeft: -far,
            ArrowUp: -far,
            ArrowRight: far,
            ArrowDown: far,
            Home: -this.#at,
            End: probe.values.length,
          };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    this.#at = Math.min(Math.max(this.#at + step, 0), probe.values.length - 1);
    this.#show(true);
  }

  #point(event: PointerEvent): void {
    const probe = this.#probe;
    const box = this.#box();
    if (probe?.kind !== 'map' || box === null) return;
    const u = Math.floor(((event.clientX - box.left) / box.width) * probe.width);
    const v = Math.floor(((event.clientY - box.top) / box.height) * probe.height);
    if (u < 0 || v < 0 || u >= probe.width || v >= probe.height) return;
    this.#at = v * probe.width + u;
    this.#show(false);
  }

  /** Where the map lies on the screen. */
  #box(): DOMRect | null {
    return this.#drawing.querySelector('svg image:last-of-type')?.getBoundingClientRect() ?? null;
  }

  #show(speak: boolean): void {
    const probe = this.#probe;
    if (probe === null) return;
    const value = signed(probe.values[this.#at] ?? Number.NaN, 4);
    const place =
      probe.kind === 'map'
        ? `column ${(this.#at % probe.width) + 1}, row ${Math.floor(this.#at / probe.width) + 1}`
        : (probe.names[this.#at] ?? '');
    this.#reading.textContent = `${place}: ${value}`;
    if (speak) say(`${place}: ${value}`);
    const box = this.#box();
    if (probe.kind !== 'map' || box === null) return;
    const outer = this.#drawing.getBoundingClientRect();
    const [w, h] = [box.width / probe.width, box.height / probe.height];
    const { style } = this.#mark;
    style.left = `${box.left - outer.left + (this.#at % probe.width) * w}px`;
    style.top = `${box.top - outer.top + Math.floor(this.#at / probe.width) * h}px`;
    style.width = `${Math.max(w, 4)}px`;
    style.height = `${Math.max(h, 4)}px`;
    this.#mark.hidden = false;
  }
}
