import { expect, test } from 'vitest';
import { float32 } from '@pathwise/model';
import { attribute } from '../src/index.ts';
import { toyModel } from '../../model/testing/toy-model.ts';

// F = x0 x1 at (2, 3) is 6: known, it is not evaluated; integrated gradients from 0 are half of it each (by hand).
test('outputs that the caller has are not evaluated again', async () => {
  const model = toyModel({ outputs: ['x0*x1'] });
  const inputs = { x: float32([1, 2], [2, 3]) };
  const request = { inputs, target: 0, steps: 4 };
  const fresh = await attribute(model, 'integrated-gradients', request);
  const known = { [model.outputs[0]!.name]: float32([1, 1], [6]) };
  const reused = await attribute(model, 'integrated-gradients', { ...request, known });
  expect(reused.attributions['x']!.data).toBeClose([3, 3], { rtol: 1e-6 });
  expect(reused.outputAtInput).toEqual([6]);
  expect(reused.evaluations).toEqual({ ...fresh.evaluations, forward: fresh.evaluations.forward - 1 });
});
