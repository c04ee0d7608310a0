import { h } from './dom.ts';

/** A list to choose from, with its label. */
export function selectField(
  id: string,
  label: string,
  options: readonly HTMLElement[],
  chosen: (value: string) => void,
): HTMLElement {
  const select = h('select', { id, change: () => chosen(select.value) }, ...options);
  return h('div', { class: 'field' }, h('label', { for: id }, label), select);
}

/** A text with its label. */
export function textField(id: string, label: string, value: string, chosen: (value: string) => void): HTMLElement {
  const input = h('input', { id, type: 'text', value, change: () => chosen(input.value.trim()) });
  return h('div', { class: 'field' }, h('label', { for: id }, label), input);
}

/** A number with its label; nothing typed is NaN. */
export function numberField(
  id: string,
  label: string,
  value: number | null,
  limits: Readonly<Record<string, number>>,
  chosen: (value: number) => void,
): HTMLElement {
  const input = h('input', {
    id,
    type: 'number',
    ...limits,
    ...(value !== null && { value }),
    change: () => chosen(input.value === '' ? Number.NaN : Math.round(input.valueAsNumber)),
  });
  return h('div', { class: 'field' }, h('label', { for: id }, label), input);
}
