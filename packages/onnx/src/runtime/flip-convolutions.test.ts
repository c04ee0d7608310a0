import { describe, expect, test } from 'vitest';
import { sizeOf, toFloat64, type Shape, type Tensor } from '@pathwise/model';
import type { Attrs, Graph } from '@pathwise/graph';
import { graphBuilder, referenceEngine } from '@pathwise/ops';
import { uniformFrom } from '../../../model/testing/uniform.ts';
import { flipConvolutions, type Flip } from './flip-convolutions.ts';

const draw = uniformFrom(11);
const random = (shape: Shape): Tensor => ({
  dtype: 'float32',
  shape,
  data: Float64Array.from({ length: sizeOf(shape) }, () => 2 * draw() - 1),
});

function transposed(x: Shape, w: Shape, attrs: Attrs, bias?: Tensor): Graph {
  const b = graphBuilder();
  const refs = [b.input('x', x), b.constant(random(w)), bias === undefined ? null : b.constant(bias)];
  return b.build([b.emit('ConvTranspose', refs, attrs, 'y')]);
}

const opsOf = ({ nodes }: Graph): string[] => nodes.map(({ op }) => op).filter((op) => op !== 'Identity');

describe('transposed convolutions written as convolutions', () => {
  // Each row must give the values of the transposed convolution itself, by the reference engine.
  test.each<[string, Shape, Shape, Attrs, Flip, string]>([
    ['dense', [1, 3, 5, 4], [3, 2, 3, 3], { pads: [1, 1, 1, 1] }, 'all', 'Conv'],
    ['without pads', [1, 2, 3, 3], [2, 4, 3, 2], {}, 'all', 'Conv'],
    ['uneven pads and dilations', [1, 2, 6, 7], [2, 3, 3, 2], { pads: [1, 0, 2, 1], dilations: [2, 3] }, 'all', 'Conv'],
    ['groups', [1, 6, 4, 4], [6, 2, 3, 3], { group: 3, pads: [1, 1, 1, 1] }, 'all', 'Conv'],
    ['depthwise', [1, 4, 5, 5], [4, 1, 3, 3], { group: 4, pads: [1, 1, 1, 1] }, 'depthwise', 'Conv'],
    ['one axis', [1, 2, 6], [2, 3, 4], { pads: [2, 1] }, 'all', 'Conv'],
    ['three axes', [1, 2, 3, 3, 3], [2, 2, 2, 2, 2], {}, 'all', 'Conv'],
    ['dense where only depthwise are wanted', [1, 3, 5, 4], [3, 2, 3, 3], {}, 'depthwise', 'ConvTranspose'],
    ['a stride', [1, 2, 4, 4], [2, 2, 3, 3], { strides: [2, 1] }, 'all', 'ConvTranspose'],
    ['more padding than reach', [1, 2, 6, 6], [2, 2, 2, 2], { pads: [2, 2, 2, 2] }, 'all', 'ConvTranspose'],
  ])('%s', async (_name, x, w, attrs, flip, op) => {
    const graph = transposed(x, w, attrs, random([(w[1] as number) * ((attrs['group'] as number) ?? 1)]));
    const flipped = flipConvolutions(graph, flip);
    expect(opsOf(flipped)).toEqual([op]);
    const feeds = { x: random(x) };
    const [before, after] = await Promise.all(
      [graph, flipped].map(async (g) => (await (await referenceEngine.load(g)).run(feeds, ['y']))['y']!),
    );
    expect(after!.shape).toEqual(before!.shape);
    expect(toFloat64(after!.data)).toBeClose(toFloat64(before!.data), { rtol: 1e-12, atol: 1e-12 });
  });

  test('weights that are computed stay as they are', () => {
    const b = graphBuilder();
    const y = b.emit('ConvTranspose', [b.input('x', [1, 2, 4, 4]), b.input('w', [2, 2, 3, 3])], {}, 'y');
    expect(opsOf(flipConvolutions(b.build([y]), 'all'))).toEqual(['ConvTranspose']);
  });
});
