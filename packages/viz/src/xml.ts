export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Text that is safe in XML and HTML content and in quoted attributes; characters that XML 1.0 forbids become U+FFFD. */
export function escapeXml(text: string): string {
  return Array.from(text, (c) => (isXmlCharacter(c.codePointAt(0) as number) ? (ENTITIES[c] ?? c) : '\uFFFD')).join('');
}

/**
 * One element. Attribute values are escaped and numbers rounded to 1/100; `children` must be markup already
 * (use {@link escapeXml} for text). An attribute that is undefined is left out.
 */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const list = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? coordinate(value) : escapeXml(value as string)}"`)
    .join('');
  return children.length === 0 ? `<${name}${list}/>` : `<${name}${list}>${children.join('')}</${name}>`;
}

/** A `<text>` element with escaped content. */
export function textElement(content: string, attributes: Attributes): string {
  return element('text', attributes, escapeXml(content));
}

/** Attributes of a text that must stay legible over lines: an outline in the colour of the page. */
export function halo({ paper }: { readonly paper: string }): Attributes {
  return { stroke: paper, 'stroke-width': 4, 'stroke-linejoin': 'round', 'paint-order': 'stroke' };
}

/** A coordinate in pixels with at most two decimals. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100);
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

// The production Char of XML 1.0, section 2.2. Lone surrogates fall outside.
function isXmlCharacter(code: number): boolean {
  return (
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    code >= 0x10000
  );
}
