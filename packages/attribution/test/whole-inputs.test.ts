import { float64, toFloat64 } from '@pathwise/model';
import { expect, test } from 'vitest';
import { toyModel } from '../../model/testing/toy-model.ts';
import { attribute, methods } from '../src/index.ts';

const options = { inputs: { x: [3], c: [1] }, tensors: { h: ['x0*x1', 'relu(x2-c0)'] }, outputs: ['h0*h1+x2'] };
const values = [2, 1, 3];

// The same function with and without an axis that counts rows must get the same attributions.
test.each(methods.map((m) => [m.id, m] as const))(
  '%s: inputs that are one example as a whole',
  async (id, { takes }) => {
    const request = {
      constants: ['c'],
      target: 0,
      ...(takes.layer ? { layer: 'h' } : {}),
      ...(takes.neuron ? { neuron: '0' } : {}),
      ...(takes.quadrature === true ? { tolerance: 0.01 } : {}),
    };
    const rows = await attribute(toyModel(options), id, {
      ...request,
      ...(takes.baseline === 'none' ? {} : { baseline: float64([1, 3], [0.5, 0, 0]) }),
      inputs: { x: float64([1, 3], values), c: float64([1, 1], [1]) },
    });
    const whole = await attribute(toyModel({ ...options, whole: ['x', 'c'] }), id, {
      ...request,
      ...(takes.baseline === 'none' ? {} : { baseline: float64([3], [0.5, 0, 0]) }),
      inputs: { x: float64([3], values), c: float64([1], [1]) },
    });
    for (const [name, t] of Object.entries(whole.attributions)) {
      expect(t.shape).toEqual(name === 'x' ? [3] : takes.layer === 'chosen' ? [1, 1] : [1, 2]);
      expect(toFloat64(t.data)).toEqual(toFloat64(rows.attributions[name]?.data ?? new Float64Array()));
    }
  },
);
