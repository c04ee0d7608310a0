import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { attribute, type AttributionRequest } from '@pathwise/attribution';
import { toFloat64, type DifferentiableModel, type Tensor } from '@pathwise/model';
import { readOnnx } from '@pathwise/onnx';
import { graphModel, referenceEngine } from '@pathwise/ops';
import { readNpy } from '../../model/testing/read-npy.ts';
import { sharedData } from '../../model/testing/shared-data.ts';
import { wasmEngine } from '../src/index.ts';
import { ensureCore } from '../tools/build.mjs';
import { onPatternOf } from './on-pattern-of.ts';

beforeAll(ensureCore, 120_000);

const goldens = sharedData('goldens');

/**
 * Rules of the reference cases with a node at which the gradient in float32 was seen to be off by 1 to 12 % of the largest
 * value, and a conductance whose credit went to the neighbour for a fortieth of the path: a pre-activation lies within
 * rounding of 0 there (in mini-resnet, add_86[284] is -2.6e-8 where the tensor reaches 2.4), or two places of a pooling
 * window do of each other. Where the gradient jumps, both sides are right.
 */
const CASES = [
  ['mini-resnet', 'integrated-gradients', { quadrature: 'left', steps: 20 }],
  ['mini-resnet', 'integrated-gradients', { quadrature: 'right', steps: 20 }],
  ['mini-resnet', 'integrated-gradients', { quadrature: 'trapezoid', steps: 20 }],
  ['mini-googlenet', 'integrated-gradients', { quadrature: 'gauss-legendre', steps: 300 }],
  ['mini-googlenet', 'layer-conductance', { quadrature: 'trapezoid', steps: 100, layer: 'cat' }],
] as const satisfies readonly (readonly [string, string, Partial<AttributionRequest>])[];

describe('where float32 and float64 differ, float64 on the activation pattern of float32 does not', () => {
  test.skipIf(!goldens.present).each(CASES)('%s, %s, %o', { timeout: 120_000 }, async (name, method, how) => {
    const tensor = (file: string): Tensor => readNpy(join(goldens.path, name, `${file}.npy`));
    const read = (file: string): Buffer => readFileSync(join(goldens.path, name, file));
    const { target } = JSON.parse(read('cases.json').toString()) as { target: number[] };
    const source = readOnnx(read('model.onnx'), { name });
    const [{ name: input }] = source.inputs;
    const x = tensor('x');
    const graph = source.graph({ [input]: [1, ...x.shape.slice(1)] });
    const explain = async (model: DifferentiableModel): Promise<Float64Array> => {
      const request = { inputs: { [input]: x }, baseline: tensor('baseline'), target: { perRow: target }, ...how };
      const { attributions } = await attribute(model, method, request);
      return toFloat64(Object.values(attributions)[0]!.data);
    };
    const ours = graphModel(graph, wasmEngine);
    const actual = await explain(ours);
    const reference = await explain(graphModel(graph, referenceEngine));
    expect(() => expect(actual).toBeClose(reference, { scale: 1e-4 })).toThrow(/difference/u);
    expect(actual).toBeClose(await explain(onPatternOf(ours, graph)), { scale: 1e-5 });
  });
});
