type Child = Node | string | null | false | undefined;
type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

/** An element: `h('button', { class: 'x', click: f }, 'text')`. Functions listen; false and undefined are left out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, '');
    else if (value !== false && value !== undefined) element.setAttribute(name, String(value));
  }
  fill(element, ...children);
  return element;
}

/** Replaces what is inside an element. */
export function fill(element: Element, ...children: readonly Child[]): void {
  element.replaceChildren(...children.filter((child) => child !== null && child !== false && child !== undefined));
}

/** Does something in a task of its own, so that none is long. */
export function later(task: () => void): void {
  setTimeout(task, 0);
}

/** An SVG document that was drawn by the library as an element of this page. */
export function svgOf(markup: string): SVGSVGElement {
  const { documentElement } = new DOMParser().parseFromString(markup, 'image/svg+xml');
  return document.importNode(documentElement, true) as unknown as SVGSVGElement;
}

/** Makes one of several buttons reachable by Tab, the others by arrow keys. */
export function rove(group: HTMLElement, selector: string): void {
  const items = (): HTMLElement[] => [...group.querySelectorAll<HTMLElement>(selector)];
  group.addEventListener('keydown', (event) => {
    const list = items();
    const at = list.indexOf(document.activeElement as HTMLElement);
    if (at < 0) return;
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1, Home: -at, End: list.length - 1 - at }[
      event.key
    ];
    if (step === undefined) return;
    event.preventDefault();
    list[(at + step + list.length) % list.length]?.focus();
  });
  group.addEventListener('focusin', ({ target }) => {
    for (const item of items()) item.tabIndex = item === target ? 0 : -1;
  });
}

/** Sets the one of a group that Tab reaches first. */
export function setRoving(group: HTMLElement, selector: string, isFirst: (item: HTMLElement) => boolean): void {
  const items = [...group.querySelectorAll<HTMLElement>(selector)];
  const first = items.find(isFirst) ?? items[0];
  for (const item of items) item.tabIndex = item === first ? 0 : -1;
}

const MILLISECONDS_BETWEEN_MESSAGES = 500;
let nextAt = 0;
let waiting: ReturnType<typeof setTimeout> | undefined;

/** Says a sentence to screen readers; of several in a short time the last. */
export function say(sentence: string): void {
  clearTimeout(waiting);
  const speak = (): void => {
    nextAt = performance.now() + MILLISECONDS_BETWEEN_MESSAGES;
    (document.getElementById('live') as HTMLElement).textContent = sentence;
  };
  waiting = setTimeout(speak, Math.max(0, nextAt - performance.now()));
}
