import { describe, expect, test } from 'vitest';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { inputOf, networks, smallNetworks } from './all.mjs';

const parametersOf = (graph) =>
  [...graph.constants.values()].reduce((sum, { dtype, data }) => sum + (dtype === 'float32' ? data.length : 0), 0);

describe('networks of the benchmarks', () => {
  // Sources: GoogLeNet: 6,998,552 in its Caffe model without the auxiliary outputs. ResNet-18: 11,689,512 in torchvision,
  // of which 9,600 belong to batch normalizations, for which 4,800 biases stand here. The others by hand:
  // 784*512 + 512 + 512*512 + 512 + 512*10 + 10; 4*128*(128 + 128 + 2) + 128*10 + 10;
  // 4 * (4*128*128 + 8*128*128 + 4*128 + 4*128 + 128 + 4*128) + 2*128 + 128*10 + 10.
  test.each([
    ['googlenet', 6_998_552],
    ['resnet-18', 11_684_712],
    ['mlp', 669_706],
    ['lstm', 133_386],
    ['transformer', 794_634],
  ])('%s has about %i parameters', (name, expected) => {
    const graph = networks[name]();
    expect(Math.abs(parametersOf(graph) - expected)).toBeLessThan(16);
    expect(graph.types.get(graph.outputs[0]).shape).toEqual([1, expected > 1_000_000 ? 1000 : 10]);
  });

  test.each(Object.entries(smallNetworks))(
    'the gradient of a small %s is that of finite differences',
    async (name, build) => {
      const graph = build();
      const [input] = graph.inputs;
      const [output] = graph.outputs;
      const model = graphModel(graph, referenceEngine);
      const x = Float64Array.from(inputOf(name, graph).data);
      const direction = Float64Array.from(x, (_, i) => Math.cos(1.3 * i) / Math.sqrt(x.length));
      const at = (t) => ({
        [input]: { dtype: 'float64', shape: graph.types.get(input).shape, data: x.map((v, i) => v + t * direction[i]) },
      });
      const weights = Float64Array.from({ length: graph.types.get(output).shape[1] }, (_, i) => Math.sin(i + 1));
      const valueAt = async (t) => {
        const { data } = (await model.forward(at(t)))[output];
        return data.reduce((sum, v, i) => sum + weights[i] * v, 0);
      };
      const objective = { tensor: output, rows: [{ kind: 'linear', weights }] };
      const { gradients } = await model.gradient({ feeds: at(0), objective, wrt: [input] });
      const slope = gradients[input].data.reduce((sum, g, i) => sum + g * direction[i], 0);
      const step = 1e-6;
      const difference = ((await valueAt(step)) - (await valueAt(-step))) / (2 * step);
      expect(Math.abs(slope)).toBeGreaterThan(1e-3);
      expect([slope]).toBeClose([difference], { rtol: 1e-6 });
    },
  );
});
