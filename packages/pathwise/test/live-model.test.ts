import { describe, expect, test } from 'vitest';
import { layers, tf } from '../../tfjs/test/tfjs.ts';
import { explainer, methods, type ModelInput } from '../src/index.ts';
import { models, pathwise } from './cli.ts';

/** y = (x0 + 2 x1, -x0). */
function live(): ModelInput {
  const dense = layers.layers.dense({ inputShape: [2], units: 2, name: 'y' });
  const model = layers.sequential({ name: 'small', layers: [dense] });
  dense.setWeights([tf.tensor([1, -1, 2, 0], [2, 2]), tf.tensor([0, 0], [2])]);
  return model as unknown as ModelInput;
}

describe('engine "tfjs"', () => {
  test('explains a live model where it runs', async () => {
    const explain = await explainer(live(), { engine: 'tfjs', tf });
    expect(explain.outputs).toEqual([{ name: 'y', dtype: 'float32', shape: ['batch', 2] }]);
    const result = await explain([[3, 5]], { target: 0, steps: 2 });
    expect([...Object.values(result.attributions)[0]!.data]).toBeClose([3, 10], { rtol: 1e-6 });
    expect(result).toMatchObject({ engine: 'tfjs', outputAtInput: [13] });
    expect((await explain.predict([[3, 5]])).top?.[0]?.[0]?.index).toBe(0);
  });

  test('files are for other engines', async () => {
    const path = `${models}/penguins/model.onnx`;
    await expect(explainer(path, { engine: 'tfjs', tf })).rejects.toMatchObject({
      code: 'BAD_ARGUMENT',
      message: expect.stringContaining('expected a tf.LayersModel or tf.GraphModel for the model'),
    });
    const ran = await pathwise([
      'attribute',
      path,
      '--input',
      `${models}/penguins/rows.csv`,
      '--engine',
      'tfjs',
      '-o',
      'a.npy',
    ]);
    expect(ran.stderr).toContain('engine "tfjs" runs models that TensorFlow.js has loaded');
    expect(ran.code).toBe(3);
  });

  test.each(methods.map((method) => [method.id, method] as const))(
    '%s works, or is refused by name',
    async (id, { takes }) => {
      const explain = await explainer(live(), { engine: 'tfjs', tf });
      const asked = explain([[3, 5]], {
        method: id,
        target: 0,
        ...(takes.baseline === 'set' && { baseline: 'uniform:4' }),
        ...(takes.layer === true && { layer: 'y' }),
        ...(takes.neuron === true && { neuron: [0] }),
      });
      if (explain.supports(id).ok) expect(Object.keys((await asked).attributions)).toHaveLength(1);
      else {
        await expect(asked).rejects.toMatchObject({
          code: 'UNSUPPORTED_METHOD',
          message: expect.stringMatching(
            /the engine tfjs offers no "(layers|propagate|second-order|tangent)"; the engine wasm does/u,
          ),
        });
      }
    },
  );

  test('there is no graph to look into', async () => {
    const { file } = await explainer(live(), { engine: 'tfjs', tf });
    expect(file.name).toBe('small');
    expect(() => 'graph' in file.source && file.source.graph({})).toThrow('has no graph to look into');
  });
});
