import type { Badge } from '../worker/protocol.ts';
import { h } from './dom.ts';
import { percent, time } from './format.ts';

const WORDS = {
  exact: 'adds up: exact',
  good: 'adds up: good',
  check: 'to be checked',
  stated: 'no statement about a sum',
} as const;

/** Whether a result adds up, in one line; numbers that are not final are marked. */
export function badgeView(badge: Badge, final: boolean): HTMLElement {
  const { word, sentence, reasons, evaluations, error, milliseconds, engine } = badge;
  const facts = [
    sentence,
    ...(error === null ? [] : [`error ${percent(error)}`]),
    evaluations,
    time(milliseconds),
    engine,
  ];
  return h(
    'p',
    { class: `badge ${word}${final ? '' : ' partial'}`, 'data-final': String(final) },
    h('strong', {}, final ? WORDS[word] : '≈ not finished'),
    h('span', { class: 'facts' }, `${final ? '' : '≈ '}${facts.join(', ')}`),
    final && reasons.length > 0 && h('span', { class: 'why' }, `Reason: ${reasons.join('; ')}.`),
  );
}
