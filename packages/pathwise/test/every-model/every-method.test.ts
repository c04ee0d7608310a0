// Every method of the registry on every model that lies beside the repository, in few evaluations: the result is finite, of
// the right shape, and says what it cost. What cannot work is refused before anything is computed, by op. Of the large
// models one method a family, unless EVERY_METHOD=1.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { sizeOf, toFloat64, type Attribution, type Feeds } from '@pathwise/model';
import { methods, type Method } from '@pathwise/attribution';
import { explainer, type Explainer } from '../../src/index.ts';
import { cheapRequest } from './cheap-request.ts';
import { firstRow, foldersThere, modelPath, networks, present, type Network } from './models.ts';

/** A method of each family: paths, samples, relevance, multipliers, rectified gradients, maps, layers, coalitions. */
const FAMILIES = [
  'integrated-gradients',
  'smoothgrad',
  'lrp-epsilon',
  'deeplift-rescale',
  'guided-backprop',
  'grad-cam',
  'layer-integrated-gradients',
  'feature-ablation',
];
/** Activations of these models that Deep Taylor is not defined for. */
const NO_RELU = ['Clip', 'Elu', 'Gelu', 'HardSigmoid', 'LeakyRelu', 'Selu', 'Sigmoid', 'Softmax', 'Softplus', 'Tanh'];

function methodsFor({ large }: Network): readonly Method[] {
  const all = large !== true || process.env['EVERY_METHOD'] === '1';
  return all ? methods : methods.filter(({ id }) => FAMILIES.includes(id));
}

describe.skipIf(!present).each(networks.map((network) => [network.folder, network] as const))('%s', (_, network) => {
  let explain: Explainer;
  beforeAll(async () => {
    explain = await explainer(modelPath(network), { engine: 'wasm', preprocess: 'raw' });
  });
  afterAll(() => explain.dispose());
  const inputs = (): Feeds =>
    firstRow(
      network,
      explain.inputs.map(({ name }) => name),
    );

  test('what is not supported is refused by op: Deep Taylor where an activation is no Relu', () => {
    for (const { id } of methods) {
      const support = explain.supports(id);
      if (support.ok) continue;
      expect(id).toBe('deep-taylor');
      for (const { op } of support.missing) expect(NO_RELU).toContain(op);
    }
  });

  test.each(methodsFor(network).map((method) => [method.id, method] as const))(
    '%s',
    { timeout: 60_000 },
    async (id, method) => {
      const { feeds } = await explain.prepare(inputs());
      const request = { ...cheapRequest(method, explain, feeds), target: network.target ?? 'top1' };
      const before = { ...explain.model.counters };
      const refused = refusalOf(method, explain);
      if (refused !== undefined) {
        await expect(explain(feeds, request)).rejects.toMatchObject({ code: refused });
        if (refused === 'UNSUPPORTED_METHOD') expect(explain.model.counters).toEqual(before);
        return;
      }
      const a = await explain(feeds, request);
      const { forward, gradient } = explain.model.counters;
      expect(a.evaluations).toEqual({ forward: forward - before.forward, gradient: gradient - before.gradient });
      expectShapes(a, method, explain, feeds, request.layer);
      expect(a.method).toBe(id);
    },
  );
});

function refusalOf({ id, perPixel }: Method, explain: Explainer): string | undefined {
  if (!explain.supports(id).ok) return 'UNSUPPORTED_METHOD';
  const attributed = explain.inputs.filter(({ attributedAt }) => attributedAt !== null);
  const isImage = attributed.length === 1 && attributed.every(({ name, attributedAt }) => attributedAt === name);
  return perPixel === true && !isImage ? 'BAD_ARGUMENT' : undefined;
}

/** One finite tensor for each attributed input, or for the layer: its own shape, or one channel of a map. */
function expectShapes(
  { attributions }: Attribution,
  { takes, perPixel = false }: Method,
  { model, inputs }: Explainer,
  feeds: Feeds,
  layer: string | readonly string[] | undefined,
): void {
  const structure = model.structure(feeds);
  const sources = inputs.flatMap(({ attributedAt }) => attributedAt ?? []);
  const isMap = takes.layer === 'chosen';
  const isLayer = layer !== undefined && takes.neuron === false;
  if (!isMap) expect(Object.keys(attributions)).toEqual(isLayer ? [layer] : sources);
  for (const [name, { data, shape }] of Object.entries(attributions)) {
    expect(toFloat64(data).every(Number.isFinite)).toBe(true);
    expect(data.length).toBe(sizeOf(shape));
    if (feeds[name] !== undefined && !isMap && !perPixel) expect(shape).toEqual(feeds[name].shape);
    const own = structure.tensor(name)?.shape ?? [];
    if (perPixel) {
      // Channels first or last, where there are any.
      expect(sizeOf(own) % sizeOf(shape)).toBe(0);
      expect(shape.filter((d, axis) => d !== own[axis])).toEqual(
        own.length === 4 && own[1] !== 1 && own[3] !== 1 ? [1] : [],
      );
    } else if (isMap) expect(shape.slice(0, 2)).toEqual([1, 1]);
    else expect(sizeOf(shape)).toBe(sizeOf(own));
  }
}

test.skipIf(!present)('every model that lies there is in the list', () => {
  expect(foldersThere().toSorted()).toEqual(networks.map(({ folder }) => folder).toSorted());
});
