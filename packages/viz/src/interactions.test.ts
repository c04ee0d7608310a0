import { int64, type Attribution, type Interactions } from '@pathwise/model';
import { describe, expect, test } from 'vitest';
import { attributionOf, parseSvg, texts } from '../test/helpers.ts';
import { interactions } from './interactions.ts';
import { kindOf } from './picture-kind.ts';
import { render } from './render.ts';

const found: Interactions = {
  index: 'harsanyi',
  players: 2,
  pairs: [1, -2, -2, 3],
  sets: [],
  orders: [],
  total: 2,
};
const attribution: Attribution = {
  ...attributionOf([1, 3], [1, 1, 3]),
  players: { count: 2, ids: { x: int64([3], [4, 4, 7]) } },
  interactions: [found],
};

test('pairs and singles, players by their group or feature', () => {
  const picture = interactions(attribution, { featureNames: ['a', 'b', 'c'] });
  const shown = texts(parseSvg(picture.svg));
  for (const text of ['group 4', 'c', '+1.0', '−2.0', '+3.0', 'dividend of the pair']) expect(shown).toContain(text);
  expect(shown).toContain('On the diagonal: what a feature adds by itself.');
});

test('what rounding may have made is not shown as a number', () => {
  const orders = [0.5, 0.25].map((noise, k) => ({ players: k + 1, sets: 2, absolute: 1, noise }));
  const rounded = { ...attribution, interactions: [{ ...found, pairs: [1.9, 0.9, 0.9, 3], orders }] };
  const shown = texts(parseSvg(interactions(rounded).svg));
  expect(shown.filter((text) => text === '≈0').length).toBe(3);
  expect(shown).toContain('+3.0');
});

describe('kinds', () => {
  test('pairs are what is drawn; a report has them and the single features', async () => {
    expect(kindOf(attribution)).toBe('interactions');
    const html = await render(attribution, 'html');
    expect(html).toContain('Pairs of features');
    expect(html).toContain('Single features');
  });

  test('without pairs, or with another kind, the features are drawn', async () => {
    const without = { ...attribution, interactions: [{ ...found, pairs: null }] };
    expect(kindOf(without)).toBe('bars');
    expect(await render(without, 'html')).not.toContain('Pairs of features');
    expect(await render(attribution, { format: 'html', kind: 'bars' })).not.toContain('Pairs of features');
    expect(() => interactions(without)).toThrow(/a row with effects of pairs/);
  });
});

test('a report says how methods share out the effects', async () => {
  const measured = { copies: 4, gap: null, unrelated: 0.25, incomplete: 0, parts: [], pairs: null };
  const html = await render(
    {
      ...attribution,
      allocation: [[{ ...measured, method: 'occlusion', verdict: { related: false, complete: true } }]],
    },
    'html',
  );
  expect(html).toMatch(/<td>occlusion<\/td><td>4<\/td><td>25 ?%<\/td><td>violated<\/td>/u);
  expect(html).toContain('<td>unknown</td>');
});
