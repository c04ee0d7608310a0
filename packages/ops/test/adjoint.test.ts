import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { float32, sizeOf, type Tensor } from '@pathwise/model';
import { evaluateOp, gradientOp } from './evaluate.ts';
import { LINEAR_STRUCTURE } from './generators/structure.ts';

/** Numbers without coincidences. */
const wave = (shape: readonly number[], phase: number): Tensor =>
  float32(
    shape,
    Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(1 + 7.3 * i + phase)),
  );

const dot = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((sum, v, i) => sum + v * b[i]!, 0);

// These ops are linear in their data, y = A x: the gradient rule must be A^T, so <dy, A x> = <A^T dy, x> up to rounding.
describe('structural gradients are adjoints', () => {
  test.each(Object.entries(LINEAR_STRUCTURE))('%s', async (op, arbitrary) => {
    await fc.assert(
      fc.asyncProperty(arbitrary, async ({ inputs: [shape, ...others], attrs = {}, outputs = 1 }) => {
        const x = wave(shape as readonly number[], 0);
        const operands = [x, ...(others as Tensor[])];
        const [y] = evaluateOp(op, operands, attrs, outputs);
        const dy = wave(y!.shape, 0.5);
        const [dx] = await gradientOp(op, operands, dy, [0], attrs, outputs);
        expect(dot(dx!, x.data as Float32Array)).toBeClose(dot(dy.data as Float32Array, y!.data), {
          rtol: 1e-10,
          atol: 1e-10,
        });
      }),
      { numRuns: 80, seed: 11 },
    );
  });
});
