import { expect, test } from 'vitest';
import { float32, type Attribution } from '@pathwise/model';
import { jsonResult } from './json-result.ts';
import { checkOutputs, outputFiles, perToken } from './outputs.ts';
import { summarize } from './summary.ts';

const attribution: Attribution = {
  method: 'integrated-gradients',
  params: {},
  seed: null,
  engine: 'reference',
  unit: 'contribution',
  attributions: {
    embedded: float32([1, 2, 3], [1, 2, 3, 4, 5, 6]),
    'a/b': float32([1, 1], [7]),
    'a:b': float32([1, 1], [8]),
  },
  target: ['y[1]'],
  outputAtInput: [3],
  outputAtBaseline: [1],
  convergenceDelta: [0.5],
  relativeDelta: [0.25],
  complete: true,
  error: [0.04],
  errorMet: [false],
  cancellation: [2],
  evaluations: { forward: 3, gradient: 9 },
  standardErrors: { embedded: float32([1, 2, 3], [0, 0, 0, 0, 0, 0]) },
  warnings: [{ code: 'some-code', message: 'some message' }],
};

test('per token: the sum over the dimensions of the embedding; standard errors do not sum', () => {
  const { attributions, standardErrors } = perToken(attribution, new Set(['embedded']));
  expect(attributions).toEqual({ ...attribution.attributions, embedded: float32([1, 2], [6, 15]) });
  expect(standardErrors).toBe(undefined);
});

test('names of tensors become names of files, all different', async () => {
  const files = await outputFiles(['out/x.npy'], attribution, {}, {});
  expect(files.map(({ path }) => path)).toEqual(['out/x.embedded.npy', 'out/x.a_b.npy', 'out/x.a_b_.npy']);
});

test('files are checked before anything is computed', () => {
  expect(() => checkOutputs(['a.npy', 'b.HTML'])).not.toThrow();
  expect(() => checkOutputs(['a.txt'])).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
  expect(() => checkOutputs(['a.npy', 'a.npy'])).toThrow(expect.objectContaining({ code: 'BAD_ARGUMENT' }));
});

test('JSON has shapes in place of arrays', () => {
  const json = jsonResult(attribution, { model: 'm.onnx', prediction: null, seconds: 1 });
  expect(json['attributions']).toMatchObject({ embedded: { dtype: 'float32', shape: [1, 2, 3] } });
  expect(json['standardErrors']).toEqual({ embedded: { dtype: 'float32', shape: [1, 2, 3] } });
  expect(JSON.stringify(json)).not.toContain('"data"');
  expect(json['convergenceDelta']).toEqual([0.5]);
});

test('the summary says all that is known of a row', () => {
  const text = summarize(attribution, {
    labels: ['cat', 'dog'],
    outputs: ['y'],
    prediction: [
      [
        { index: 1, label: 'dog', value: 3 },
        { index: 0, label: null, value: -1.23456789 },
      ],
    ],
    files: ['a.npy'],
    seconds: 1.23456789,
  });
  expect(text).toMatchInlineSnapshot(`
    "prediction   dog (1) 3, class 0 -1.2346
    target       y[1] dog
    F(x)         3
    F(x')        1
    delta        0.5 (25 % of F(x) - F(x'))
    error        4 % stated, the tolerance was NOT met
    method       integrated-gradients on the reference engine
    evaluations  9 gradients, 3 forwards in 1.2346 s
    warning      some message [some-code]
    wrote        a.npy
    "
  `);
});

test('labels name elements of outputs, not of layers', () => {
  const facts = { labels: ['cat', 'dog'], outputs: ['y'], prediction: null, files: [], seconds: 1 };
  const targetOf = (target: string): string | undefined =>
    /target +(.*)/.exec(summarize({ ...attribution, target: [target] }, facts))?.[1];
  expect(targetOf('y[1] - y[0]')).toBe('y[1] dog - y[0] cat');
  expect(targetOf('probability of y[0]')).toBe('probability of y[0] cat');
  expect(targetOf('hidden[1]')).toBe('hidden[1]');
});
