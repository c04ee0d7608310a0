import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { DEFAULT_STATE, parseState, printState, SCREENS, VIEWS, type State } from './state.ts';

const share = fc.double({ min: 0, max: 1, noNaN: true }).map((v) => (v === 0 ? 0 : v));
const key = fc
  .stringMatching(/^[a-z]{4,8}$/u)
  .filter((text) => !['seed', 'alpha', 'layer', 'view', 'clip'].includes(text));

const state: fc.Arbitrary<State> = fc.record({
  screen: fc.constantFrom(...SCREENS),
  model: fc.constantFrom('fashion-mnist', 'penguins', `sha256:${'0f'.repeat(32)}`),
  input: fc.oneof(
    fc.constantFrom('sample:3', `file:${'ab'.repeat(32)}`, 'row:1,-2.5e-3'),
    fc.string({ unit: 'grapheme', maxLength: 60 }).map((text) => `text:${text}`),
  ),
  row: fc.nat(1000),
  method: fc.constantFrom('integrated-gradients', 'occlusion'),
  target: fc.constantFrom('top1', 'sum', '7', '3-5'),
  baseline: fc.constantFrom('', 'zeros', 'blur:4', '-0.5'),
  tolerance: fc.double({ min: 1e-6, max: 1, noNaN: true }),
  steps: fc.nat(10_000),
  quadrature: fc.constantFrom('', 'gauss-legendre'),
  seed: fc.maxSafeNat(),
  layer: fc.string({ unit: 'grapheme', maxLength: 40 }),
  neuron: fc.constantFrom('', '1,:,-2'),
  engine: fc.constantFrom('wasm' as const, 'reference' as const),
  view: fc.constantFrom(...VIEWS),
  clip: fc.double({ min: 50, max: 100, noNaN: true }),
  top: fc.double({ min: 1, max: 100, noNaN: true }),
  opacity: fc.nat(100),
  over: fc.boolean(),
  hatch: fc.boolean(),
  channels: fc.constantFrom('sum' as const, 'max-abs' as const),
  alpha: share,
  baselines: fc.constantFrom('', 'zeros;mean;blur:2'),
  average: fc.boolean(),
  keys: fc.boolean(),
  params: fc.dictionary(fc.stringMatching(/^[a-z][A-Za-z]{0,9}$/u), fc.string({ unit: 'grapheme' })),
  unknown: fc.array(
    fc.tuple(
      key.filter((text) => parseState(`${text}=`).problems.length === 0),
      fc.string(),
    ),
    {
      maxLength: 3,
    },
  ),
});

describe('the address', () => {
  test('what is printed is read back', () => {
    fc.assert(
      fc.property(state, (s) => {
        const { state: back, problems } = parseState(`#${printState(s)}`);
        expect(problems).toEqual([]);
        expect({ ...back, params: { ...back.params } }).toEqual({ ...s, params: { ...s.params } });
      }),
    );
  });

  test('any text is read; what is not possible falls back and is said', () => {
    fc.assert(
      fc.property(fc.string(), (hash) => {
        const { state: read } = parseState(hash);
        expect(parseState(printState(read)).state).toEqual(read);
      }),
    );
    const { state: read, problems } = parseState('#v=1&s=nowhere&tolerance=-1&view=signed&method=lime&zoom=3');
    expect(read).toEqual({ ...DEFAULT_STATE, method: 'lime', unknown: [['zoom', '3']] });
    expect(problems).toHaveLength(2);
  });

  // Defaults are left out, and colons stay readable.
  test('is short', () => {
    expect(printState(DEFAULT_STATE)).toBe('v=1');
    expect(printState({ ...DEFAULT_STATE, input: 'sample:3', target: '7', baseline: 'blur:4', tolerance: 0.01 })).toBe(
      'v=1&x=sample:3&target=7&baseline=blur:4&tolerance=0.01',
    );
  });
});
