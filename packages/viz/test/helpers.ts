import { DOMParser, type Element } from '@xmldom/xmldom';
import { float32, type Attribution } from '@pathwise/model';

/** An attribution of one tensor `x`; numbers that a test does not look at are plausible constants. */
export function attributionOf(
  shape: readonly number[],
  values: ArrayLike<number>,
  rest: Partial<Attribution> = {},
): Attribution {
  const rows = shape[0] as number;
  const each = <T>(value: T): T[] => Array.from({ length: rows }, () => value);
  return {
    method: 'integrated-gradients',
    params: { tolerance: 0.05, quadrature: 'adaptive' },
    seed: null,
    engine: 'reference',
    attributions: { x: float32(shape, values) },
    unit: 'contribution',
    target: each('logits[3]'),
    outputAtInput: each(4.75),
    outputAtBaseline: each(0.25),
    convergenceDelta: each(0.0625),
    relativeDelta: each(0.0625 / 4.5),
    complete: true,
    error: each(0.0213),
    errorMet: each(true),
    cancellation: each(2.5),
    evaluations: { forward: 2, gradient: 96 },
    warnings: [],
    ...rest,
  };
}

/** The root of an SVG document; malformed XML throws. */
export function parseSvg(svg: string): Element {
  const onError = (level: string, message: string): void => {
    if (level !== 'warning') throw new Error(`${level}: ${message}`); // it warns of U+FFFD, which we write on purpose
  };
  const root = new DOMParser({ onError }).parseFromString(svg, 'image/svg+xml').documentElement;
  if (root === null) throw new Error('no root element');
  return root;
}

export function all(root: Element, name: string): Element[] {
  return [...root.getElementsByTagName(name)];
}

/** Texts of a picture, in drawing order. */
export function texts(root: Element): string[] {
  return all(root, 'text').map((e) => e.textContent ?? '');
}

/** The attribute as a number. */
export function numberAt(e: Element, name: string): number {
  return Number(e.getAttribute(name));
}

/** Bytes of the first embedded PNG. */
export function embeddedPng(root: Element): Uint8Array {
  const href = all(root, 'image')[0]?.getAttribute('href') ?? '';
  return Uint8Array.from(atob(href.replace('data:image/png;base64,', '')), (c) => c.charCodeAt(0));
}
