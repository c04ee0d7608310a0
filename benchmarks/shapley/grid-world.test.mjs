import { readFileSync } from 'node:fs';
import { attribute } from '@pathwise/attribution';
import { float64, toFloat64 } from '@pathwise/model';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { describe, expect, test } from 'vitest';
import { gridWorld } from './grid-world.mjs';

const { inputs, params, expected, tolerance } = JSON.parse(
  readFileSync(new URL('grid-world.json', import.meta.url), 'utf8'),
);
const model = graphModel(gridWorld(0.25), referenceEngine);
const request = { inputs: { x: float64([1, 8], inputs.x) }, target: 0, seed: params.seed };
const run = (method, more = {}) => attribute(model, method, { ...request, ...more });
const valuesOf = ({ attributions }) => Array.from(toFloat64(attributions.x.data));
const near = { atol: tolerance };

describe('grid world', () => {
  test('the value, Shapley values and integrated gradients', async () => {
    const shapley = await run('shapley');
    expect(shapley.outputAtInput).toBeClose([expected.value], near);
    expect(shapley.outputAtBaseline).toBeClose([expected.valueAtBaseline], near);
    expect(valuesOf(shapley)).toBeClose(expected.shapley, near);
    const ig = await run('integrated-gradients', { steps: 64 });
    expect(valuesOf(ig)).toBeClose(expected.integratedGradients64GaussLegendre, near);
  });

  test.each(['set-mean', 'conditional', 'marginal'])('Shapley integrated gradients, one round, %s', async (form) => {
    const a = await run('shapley-integrated-gradients', {
      ...(form === 'marginal' ? {} : { steps: params.steps }),
      params: { contribution: form },
    });
    expect(valuesOf(a)).toBeClose(expected[`oneRound ${form}`], near);
    // The cell that six sweeps do not reach.
    expect(valuesOf(a)[7]).toBe(0);
  });

  test('Shapley integrated gradients, all coalitions', async () => {
    const a = await run('shapley-integrated-gradients', { steps: params.steps, params: { coalitions: 'all' } });
    expect(valuesOf(a)).toBeClose(expected['allCoalitions set-mean'], near);
  });
});
