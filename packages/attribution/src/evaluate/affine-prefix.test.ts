import { float64, type Attribution, type GradientRequest } from '@pathwise/model';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { build, networks, rows } from '../../../model/testing/toy-arbitraries.ts';
import { toyModel, type ToyModel } from '../../../model/testing/toy-model.ts';
import { attribute, type AttributionRequest } from '../index.ts';

/** The tensors that gradients were taken by. */
function watch(model: ToyModel): string[][] {
  const seen: string[][] = [];
  const gradient = model.gradient.bind(model);
  model.gradient = (request: GradientRequest, options) => {
    seen.push([...request.wrt]);
    return gradient(request, options);
  };
  return seen;
}

/** The same model without knowledge of what is affine. */
function blind(model: ToyModel): ToyModel {
  const structure = model.structure.bind(model);
  model.structure = () => ({ ...structure(), affineFrontier: (moving) => moving });
  return model;
}

const ig = (model: ToyModel, x: number[], more: Partial<AttributionRequest>): Promise<Attribution> =>
  attribute(model, 'integrated-gradients', { inputs: { x: float64([1, x.length], x) }, target: 0, ...more });

describe('affine prefix', () => {
  test('gives the same attributions as gradients at the input', async () => {
    await fc.assert(
      fc.asyncProperty(
        networks().chain((toy) => fc.tuple(fc.constant(toy), rows(toy.features))),
        // With a tolerance the nodes may differ: differences of gradients are measured where they are taken.
        fc.constantFrom<Partial<AttributionRequest>>({ steps: 9 }, { quadrature: 'trapezoid', steps: 8 }),
        async ([toy, x], rule) => {
          const with_ = await ig(build(toy), x, rule);
          const without = await ig(blind(build(toy)), x, rule);
          expect(with_.attributions['x']?.data).toBeClose(without.attributions['x']?.data as Float64Array, {
            scale: 1e-12,
            atol: 1e-12,
          });
          expect(with_.error ?? []).toBeClose(without.error ?? [], { rtol: 1e-6, atol: 1e-12 });
        },
      ),
      { numRuns: 30, seed: 2 },
    );
  });

  test('takes gradients at its end; a skip connection keeps the input beside it', async () => {
    const straight = toyModel({ tensors: { z: ['2*x0-1', 'x0+3'] }, outputs: ['relu(z0)*z1'] });
    const skip = toyModel({ tensors: { z: ['2*x0-1'] }, outputs: ['relu(z0)+x0*x0'] });
    const [a, b] = [watch(straight), watch(skip)];
    await ig(straight, [2], { steps: 3 });
    await ig(skip, [2], { steps: 3 });
    expect(new Set(a.flat())).toEqual(new Set(['z']));
    expect(new Set(b.flat())).toEqual(new Set(['x', 'z']));
    // relu(2x - 1) = 3 and x^2 = 4 at x = 2; 400 midpoints know the kink at 1/4 well enough.
    expect((await ig(skip, [2], { steps: 400, quadrature: 'midpoint' })).attributions['x']?.data).toBeClose([7], {
      atol: 0.01,
    });
  });

  test('is left out where gradients are kept and it is much larger than the input', async () => {
    const wide = () =>
      toyModel({ tensors: { z: ['x0', '2*x0', '3*x0', '4*x0', '5*x0'] }, outputs: ['relu(z0-1)+relu(z4-2)'] });
    const [fixed, kept] = [wide(), wide()];
    const [a, b] = [watch(fixed), watch(kept)];
    await ig(fixed, [2], { steps: 3 });
    await ig(kept, [2], { tolerance: 0.1 });
    expect(new Set(a.flat())).toEqual(new Set(['z']));
    expect(new Set(b.flat())).toEqual(new Set(['x']));
  });

  test('a function that is affine as a whole is evaluated at its own value', async () => {
    const model = toyModel({ outputs: ['3*x0-x1'] });
    const seen = watch(model);
    expect((await ig(model, [2, 5], { tolerance: 0.01 })).attributions['x']?.data).toBeClose([6, -5]);
    expect(new Set(seen.flat())).toEqual(new Set(['y']));
  });
});
