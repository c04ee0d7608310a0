import { float64 } from '@pathwise/model';
import { expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { checkAxioms } from '../src/index.ts';

// relu(z) = z + relu(-z) for all z; the derivatives at z = 0 are 0 and 1.
const one = toyModel({ outputs: ['relu(x0-x1)+x1'] });
const two = toyModel({ outputs: ['(x0-x1)+relu(x1-x0)+x1'] });
const check = (x: number[]) =>
  checkAxioms(
    one,
    'gradient',
    { inputs: { x: float64([x.length / 2, 2], x) }, target: 0 },
    {
      precision: 'float64',
      axioms: ['implementation-invariance'],
      equalModels: [{ name: 'the other', model: two }],
    },
  );

test('a row at a tie is moved off it, and the certificate says so', async () => {
  const [entry] = (await check([1, 1, 2, 1])).axioms;
  expect(entry).toMatchObject({ verdict: 'proved', note: 'against the other; moved off a tie: row 0' });
});

test('a row within a millionth of a tie is one, a row off it is left alone', async () => {
  expect((await check([1, 1 + 1e-8])).axioms[0]?.note).toContain('moved off a tie: row 0');
  expect((await check([1, 1.001])).axioms[0]?.note).toBe('against the other');
});

// Strongly curved, no kink: tanh(40 (x - 1)) at 1.01.
test('curvature is no tie', async () => {
  const curved = toyModel({ outputs: ['tanh(40*(x0-1))', 'x0'] });
  const request = { inputs: { x: float64([1, 1], [1.01]) }, target: 0 };
  const found = await checkAxioms(curved, 'gradient', request, { precision: 'float64', axioms: ['linearity'] });
  expect(found.axioms[0]?.note).not.toContain('tie');
});
